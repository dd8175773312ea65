//! One request as a page sees it: who asks, in which colours, for what.
use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use kit::{call::header as metadata, secret, telemetry};
use tonic::{Request as Call, metadata::MetadataValue};
use tracing::Instrument;

use crate::{console::Console, cookies, guard, problem::Problem, staff::Session, theme::Theme};

/// Where marketing is ended, by one click in a mail program, too.
pub const UNSUBSCRIBE: &str = "/unsubscribe/{token}";

/// One request.
#[derive(Clone)]
pub struct Visit {
    /// Who asks.
    pub who: Who,
    /// In which colours.
    pub theme: Theme,
    /// Path and query.
    pub path: String,
    /// The page of ours that the request was sent from; empty when the browser does not say.
    pub from: String,
    /// Whether only a part of the page is wanted, as htmx asks for it.
    pub partial: bool,
    /// Whether it only reads.
    pub safe: bool,
    /// Id of the request, for logs and for people who report a problem.
    pub request_id: String,
    ip: String,
    agent: String,
}

/// Who asks.
#[derive(Clone)]
pub enum Who {
    /// Nobody is signed in.
    Nobody,
    /// A shopper on a hosted page, whoever is signed in.
    Shopper,
    /// A staff member.
    Staff(Arc<Session>),
    /// It cannot be found out just now.
    Unclear(Problem),
}

impl Visit {
    /// A request by `who`.
    pub fn new(console: &Console, parts: &Parts, who: Who) -> Self {
        let headers = &parts.headers;
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = address.map(|ConnectInfo(peer)| console.proxies.client(peer.ip(), headers).to_string());
        Self {
            who,
            theme: Theme::read(headers),
            path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            from: referring_page(headers),
            partial: is_partial(headers),
            safe: parts.method.is_safe(),
            request_id: kit::ids::uuid(console.clock.now()).simple().to_string(),
            ip: address.unwrap_or_default(),
            agent: text(headers, header::USER_AGENT.as_str()).chars().take(400).collect(),
        }
    }

    /// The staff member whose cookie came with the request.
    async fn find_staff(&self, console: &Console, headers: &HeaderMap) -> Who {
        let token = cookies::read(headers, cookies::SESSION);
        if !token.starts_with("staff_") {
            return Who::Nobody;
        }
        match console.sessions.find(self, &token, &cookies::read(headers, cookies::STORE)).await {
            Ok(session) => Who::Staff(session),
            Err(problem) if problem.is_signed_out() => Who::Nobody,
            Err(problem) => Who::Unclear(problem),
        }
    }

    /// `message` as a call of the console itself in the course of this visit. Only identity is asked like this,
    /// and for hosted pages whoever knows their secrets: whatever a page of staff shows is asked for with
    /// [`SignedIn::ask`].
    pub fn call<T>(&self, message: T) -> Call<T> {
        let mut call = Call::new(message);
        let known = [
            (metadata::REQUEST_ID, &self.request_id),
            (metadata::CLIENT_IP, &self.ip),
            (metadata::CLIENT_AGENT, &self.agent),
        ];
        for (name, value) in known {
            if let Ok(value) = MetadataValue::try_from(value.as_str()) {
                call.metadata_mut().insert(name, value);
            }
        }
        call
    }

    /// Id of the request.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Network address of the browser; empty when unknown.
    pub fn ip(&self) -> &str {
        &self.ip
    }
}

/// Path and query of the page that a form was sent from.
fn referring_page(headers: &HeaderMap) -> String {
    let referer = text(headers, header::REFERER.as_str()).parse::<axum::http::Uri>();
    let page = referer.ok().and_then(|page| page.path_and_query().map(ToString::to_string));
    page.filter(|page| guard::own_page(page) == page).unwrap_or_default()
}

/// Whether htmx asks for a part of a page; going back in the history takes whole pages.
fn is_partial(headers: &HeaderMap) -> bool {
    text(headers, "hx-request") == "true" && !headers.contains_key("hx-history-restore-request")
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// Stands around every page of the console: finds out who asks, turns foreign posts away, draws problems, says what
/// browsers may do.
pub async fn receive(State(console): State<Console>, request: Request, next: Next) -> Response {
    let span = tracing::info_span!("page", http.method = %request.method(), http.path = request.uri().path());
    telemetry::follow(&span, request.headers());
    async {
        let (parts, body) = request.into_parts();
        let mut visit = Visit::new(&console, &parts, Who::Nobody);
        visit.who = visit.find_staff(&console, &parts.headers).await;
        let ours = guard::comes_from_us(&parts.method, &parts.headers, &console.host);
        answer(ours, visit, Request::from_parts(parts, body), next).await
    }
    .instrument(span)
    .await
}

/// Stands around every hosted page in the same way, but asks nobody who they are. Its address holds a secret, so that
/// traces know the route only.
pub async fn receive_shopper(State(console): State<Console>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let span = tracing::info_span!("page", http.method = %request.method(), http.path = route);
    telemetry::follow(&span, request.headers());
    async {
        let (parts, body) = request.into_parts();
        let visit = Visit::new(&console, &parts, Who::Shopper);
        // Mail programs post there by themselves (RFC 8058); the secret in the address is all that it takes.
        let open = parts.extensions.get::<MatchedPath>().is_some_and(|route| route.as_str() == UNSUBSCRIBE);
        let ours = open || guard::comes_from_us(&parts.method, &parts.headers, &console.host);
        answer(ours, visit, Request::from_parts(parts, body), next).await
    }
    .instrument(span)
    .await
}

/// Answers with a page, unless a form did not come from one of `ours`.
async fn answer(ours: bool, visit: Visit, mut request: Request, next: Next) -> Response {
    let answer = if ours {
        request.extensions_mut().insert(visit.clone());
        next.run(request).await
    } else {
        Problem::foreign().into_response()
    };
    let mut answer = Problem::page(&visit, answer);
    for (name, value) in guard::headers() {
        // A document that is not one of our pages says itself what it may load.
        answer.headers_mut().entry(name).or_insert(value);
    }
    answer
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::signed_out)
    }
}

/// A visit by a staff member: what every page but the sign-in asks for.
pub struct SignedIn {
    /// The visit.
    pub visit: Visit,
    /// Who it is.
    pub session: Arc<Session>,
}

impl SignedIn {
    /// `message` as a call on behalf of the staff member.
    pub fn ask<T>(&self, message: T) -> Call<T> {
        self.session.sign(self.visit.call(message))
    }

    /// The same, for the `version` that was seen: what was changed since then is not overwritten.
    pub fn ask_at<T>(&self, version: &str, message: T) -> Call<T> {
        let mut call = self.ask(message);
        if let Ok(version) = MetadataValue::try_from(version) {
            call.metadata_mut().insert(metadata::IF_MATCH, version);
        }
        call
    }
}

/// `call` so that it is done once, however often the form with this `key` is sent; `asked` tells requests apart.
pub fn once<T>((key, asked): (&str, &str), mut call: Call<T>) -> Call<T> {
    let fingerprint = hex::encode(secret::sha256(asked.as_bytes()));
    for (name, value) in [(metadata::IDEMPOTENCY_KEY, key), (metadata::FINGERPRINT, &fingerprint)] {
        if let Ok(value) = MetadataValue::try_from(value) {
            call.metadata_mut().insert(name, value);
        }
    }
    call
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let visit = Visit::from_request_parts(parts, state).await?;
        match visit.who.clone() {
            Who::Staff(session) => Ok(Self { visit, session }),
            Who::Nobody | Who::Shopper => Err(Problem::signed_out()),
            Who::Unclear(problem) => Err(problem),
        }
    }
}
