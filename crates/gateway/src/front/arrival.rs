//! The outermost layer: gives a request its id, span and deadline, and finishes every answer: problems written out,
//! versions compared, headers that browsers want, log and metrics.
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::Body,
    extract::{ConnectInfo, MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use front::proxies::Proxies;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use kit::{clock::Clock, ids, telemetry};
use tracing::Instrument;

use super::{
    slash::STOREFRONT,
    uploads::{self, is_upload},
};
use crate::{
    caller::Arrival,
    problem::{MEDIA_TYPE, Problem},
};

/// How long a request may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How long the services behind may take: less, so that their own answer is the one that is seen.
pub const WORK: Duration = Duration::from_millis(9_500);
/// How much room the fields of a request's header have, in bytes.
const HEADER_ROOM: usize = 16 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// What the layer works with.
#[derive(Clone)]
pub struct Front {
    /// Time, for the ids of requests.
    pub clock: Clock,
    /// Whose word about the client's address counts.
    pub proxies: Proxies,
}

/// What is remembered of a request for its answer.
struct Kept {
    method: Method,
    storefront: bool,
    /// Whether the resource's version says everything about it.
    settled: bool,
    known: Option<HeaderValue>,
    started: Instant,
    arrival: Arrival,
}

/// Serves one request.
pub async fn receive(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let is_upload = is_upload(request.method(), request.uri().path());
    let (limit, work) = if is_upload { (uploads::LIMIT, uploads::WORK) } else { (LIMIT, WORK) };
    let arrival = front.arrival(&request, started + work);
    let span = tracing::info_span!(
        "http",
        http.method = %request.method(),
        request.id = %arrival.request_id,
    );
    telemetry::follow(&span, request.headers());
    let kept = Kept {
        method: request.method().clone(),
        storefront: request.uri().path().starts_with(STOREFRONT),
        // A cart shows the prices of the moment (CA-4).
        settled: !request.uri().path().contains("/carts/"),
        known: request.headers().get(header::IF_NONE_MATCH).cloned(),
        started,
        arrival: arrival.clone(),
    };
    request.extensions_mut().insert(arrival);
    let answer = if room(request.headers()) > HEADER_ROOM {
        too_much_header().into_response()
    } else {
        let served = tokio::time::timeout(limit, next.run(request).instrument(span.clone())).await;
        served.unwrap_or_else(|_| too_slow().into_response())
    };
    span.in_scope(|| kept.finish(answer, &span))
}

impl Front {
    fn arrival(&self, request: &Request, deadline: Instant) -> Arrival {
        let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let own = text(HeaderName::from_static("x-request-id")).filter(|id| is_request_id(id));
        let fresh = || format!("req_{}", ids::uuid(self.clock.now()).simple()).into();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.ip());
        let agent: String = text(header::USER_AGENT).unwrap_or_default().chars().take(400).collect();
        Arrival {
            request_id: own.map_or_else(fresh, Arc::from),
            ip: peer.map(|peer: IpAddr| self.proxies.client(peer, request.headers())),
            agent: agent.into(),
            deadline,
        }
    }
}

/// Whether a client's own request id may be kept.
fn is_request_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn room(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

fn too_much_header() -> Problem {
    let detail = "The header of the request is larger than 16 KiB.";
    Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "header_too_large", detail)
}

/// What was asked, or sent, took too long.
pub(super) fn too_slow() -> Problem {
    let detail = "This took too long; please try again.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timed_out", detail).retry_after(Duration::from_secs(1))
}

impl Kept {
    fn finish(&self, mut answer: Response, span: &tracing::Span) -> Response {
        let matched = answer.extensions_mut().remove::<Route>();
        let problem = answer.extensions_mut().remove::<Problem>();
        let failed = answer.status().is_client_error() || answer.status().is_server_error();
        if let Some(problem) = problem.or_else(|| failed.then(|| Problem::of_status(answer.status()))) {
            answer = self.write(&problem, answer.headers());
        } else if self.is_known(&answer) {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            *answer.body_mut() = Body::empty();
            answer.headers_mut().remove(header::CONTENT_TYPE);
            answer.headers_mut().remove(header::CONTENT_LENGTH);
        }
        self.protect(answer.headers_mut());
        self.report(matched.as_ref().map_or("none", |route| route.0.as_str()), answer.status(), span);
        answer
    }

    /// The problem as a body, with what the route had put into the header.
    fn write(&self, problem: &Problem, given: &HeaderMap) -> Response {
        let body = problem.body(&self.arrival.request_id, self.storefront);
        let mut written = (problem.status(), Json(body)).into_response();
        let headers = written.headers_mut();
        for (name, value) in given {
            if !matches!(*name, header::CONTENT_TYPE | header::CONTENT_LENGTH) {
                headers.append(name, value.clone());
            }
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.extend(problem.headers());
        written
    }

    /// Whether the client has this version already.
    fn is_known(&self, answer: &Response) -> bool {
        let reads =
            self.settled && matches!(self.method, Method::GET | Method::HEAD) && answer.status() == StatusCode::OK;
        let tag = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
        let known = self.known.as_ref().and_then(|known| known.to_str().ok());
        let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        match (tag, known) {
            (Some(tag), Some(known)) if reads => {
                known.trim() == "*" || known.split(',').any(|other| strong(other) == strong(tag))
            }
            _ => false,
        }
    }

    fn protect(&self, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::try_from(&*self.arrival.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        for (name, value) in [
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        ] {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
    }

    fn report(&self, route: &str, status: StatusCode, span: &tracing::Span) {
        let took = self.started.elapsed();
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        telemetry::name(span, format!("{} {route}", self.method));
        if status.is_server_error() {
            tracing::warn!(http.route = route, http.status = status.as_u16(), duration_ms, "answered with a failure");
        } else {
            tracing::info!(http.route = route, http.status = status.as_u16(), duration_ms, "answered");
        }
        let labels =
            [("method", self.method.to_string()), ("route", route.to_owned()), ("status", status.as_u16().to_string())];
        metrics::counter!("http_requests_total", &labels).increment(1);
        metrics::histogram!("http_duration_seconds", &labels[..2]).record(took);
    }
}

/// The route that answered, as it is declared: never a path, which may say too much.
#[derive(Clone)]
struct Route(MatchedPath);

/// Notes which route answers.
pub async fn note_route(route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    if let Some(route) = route {
        answer.extensions_mut().insert(Route(route));
    }
    answer
}

/// What a panic looks like from outside.
#[expect(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
pub fn answer_panic(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    Problem::defect(text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_request_ids_are_kept() {
        assert!(is_request_id("order-42_a.b"));
        assert!(is_request_id(&"x".repeat(128)));
        for malformed in ["", "a b", "a\"b", "ä", &"x".repeat(129)] {
            assert!(!is_request_id(malformed), "{malformed}");
        }
    }
}
