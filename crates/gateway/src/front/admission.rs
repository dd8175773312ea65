//! The doors: which credentials a group of routes takes, and the conditions every request may set.
use std::time::{Duration, Instant};

use axum::{
    body::{Body, BodyDataStream},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use bytes::{Bytes, BytesMut};
use front::form;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use kit::{
    actor::Kind,
    failure::{Code, Violation},
    secret,
};

use super::{
    arrival::too_slow,
    uploads::{self, is_upload},
};
use crate::{
    caller::{Arrival, Caller, Key},
    credentials::{Admitted, Credentials, Desk},
    problem::Problem,
};

/// How large a body may be, in bytes.
const BODY_ROOM: usize = 1024 * 1024;
/// How much of what is too large of a body is read, in bytes. Clients that send everything before they read would find
/// their connection reset instead of an answer.
const DRAIN: usize = 8 * 1024 * 1024;

/// Says on every answer who really acts, when that is not the customer (ID-25).
const IMPERSONATOR: HeaderName = HeaderName::from_static("impersonator");

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Shop fronts by their publishable key, with or without a customer.
    ShopFront,
    /// Staff and integrations.
    Staff,
    /// Shoppers in the account portal.
    Portal,
    /// Anybody: signing in.
    Open,
}

impl Door {
    fn takes(self, kind: Kind) -> bool {
        match self {
            Self::ShopFront => matches!(kind, Kind::Anonymous | Kind::Customer),
            Self::Staff => matches!(kind, Kind::Staff | Kind::ApiKey),
            Self::Portal => kind == Kind::Shopper,
            Self::Open => true,
        }
    }
}

/// Lets a request in as a [`Caller`], with its body read.
pub async fn admit(
    State((desk, door)): State<(Desk, Door)>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let arrival = parts.extensions.get::<Arrival>().cloned();
    let arrival = arrival.ok_or_else(|| Problem::defect("a request came around the front door"))?;
    let admitted = match door {
        Door::Open => None,
        door => {
            let mut credentials = Credentials::read(&parts.headers)?;
            if door != Door::Staff {
                credentials.store.clear(); // only staff choose
            }
            let admitted = desk.admit(credentials, &arrival).await?;
            if !door.takes(admitted.actor.kind) {
                return Err(wrong_door());
            }
            Some(admitted)
        }
    };
    let key = idempotency_key((&parts.method, parts.uri.path()), &parts.headers)?;
    let expected = expected_version(&parts.headers)?;
    let upload = is_upload(&parts.method, parts.uri.path());
    let turn = if upload { Some(form::turn().await.ok_or_else(crowded)?) } else { None };
    let room = if upload { uploads::ROOM } else { BODY_ROOM };
    let body = read((body, room), &parts.headers, (arrival.deadline, upload)).await?;
    let key = key.map(|key| Key {
        key: scoped(key, admitted.as_deref(), &arrival),
        fingerprint: fingerprint(&parts.method, parts.uri.path_and_query().map_or("/", |path| path.as_str()), &body),
    });
    let acting = admitted.as_ref().and_then(|admitted| admitted.actor.act.as_ref()).map(|act| act.sub.clone());
    parts.extensions.insert(Caller::new(arrival, admitted, key, expected));
    let mut answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    drop(turn);
    if let Some(Ok(acting)) = acting.map(HeaderValue::try_from) {
        answer.headers_mut().insert(IMPERSONATOR, acting);
    }
    Ok(answer)
}

fn wrong_door() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "wrong_caller", "These credentials are for another part of the API.")
}

/// The whole body, which has to keep its pace where it is an upload; one that is too large is drained until `deadline`
/// before it is refused.
async fn read(
    (body, room): (Body, usize),
    headers: &HeaderMap,
    (deadline, upload): (Instant, bool),
) -> Result<Bytes, Problem> {
    let (mut body, begun) = (body.into_data_stream(), tokio::time::Instant::now());
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let mut all = BytesMut::new();
    if announced.is_none_or(|length| length <= room) {
        loop {
            let due = if upload { form::due(begun, all.len()) } else { deadline.into() };
            let part = tokio::time::timeout_at(due, body.next()).await.map_err(|_| too_slow())?;
            let Some(part) = part else { return Ok(all.freeze()) };
            all.extend_from_slice(&part.map_err(|_| broken())?);
            if all.len() > room {
                break;
            }
        }
    }
    // Who asks first has not begun to send.
    if !headers.contains_key(header::EXPECT) {
        // Whether the end came or the time, the answer is the same.
        let _ = tokio::time::timeout_at(deadline.into(), drain(body, (all.len(), room))).await;
    }
    Err(too_large(room))
}

/// Reads on, up to what is drained of a body in all.
async fn drain(mut body: BodyDataStream, (mut read, room): (usize, usize)) {
    while read < room + DRAIN
        && let Some(Ok(part)) = body.next().await
    {
        read += part.len();
    }
}

fn too_large(room: usize) -> Problem {
    let detail = format!("The body is larger than {} MiB.", room / BODY_ROOM);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

/// Others hand in files just now, and there is no room for more.
fn crowded() -> Problem {
    let detail = "Many files are being handed in just now; please try again.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable.slug(), detail).retry_after(Duration::from_secs(5))
}

fn broken() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, Code::Invalid.slug(), "The body ended too early.")
}

/// Below which each customer is.
const CUSTOMERS: &str = "/admin/v1/customers/";

/// The key of a request that can be repeated; other methods have none, but for the one that erases a person.
fn idempotency_key((method, path): (&Method, &str), headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let erases = || *method == Method::DELETE && path.strip_prefix(CUSTOMERS).is_some_and(|id| !id.contains('/'));
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    if !matches!(*method, Method::POST | Method::PATCH) && !erases() {
        return Ok(None);
    }
    let key = key.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
    let fault = || Violation::new("", "malformed", "Idempotency-Key must be 1 to 255 printable ASCII characters.");
    Ok(Some(key.ok_or_else(fault)?.to_owned()))
}

/// Where nobody is signed in yet, addresses tell callers apart.
fn scoped(key: String, admitted: Option<&Admitted>, arrival: &Arrival) -> String {
    match admitted {
        Some(_) => key,
        None => format!("{} {key}", arrival.address()),
    }
}

/// What a repeated request has to be like to count as the same.
fn fingerprint(method: &Method, path: &str, body: &[u8]) -> String {
    // Of the body its own hash: one with a file in it is not copied for this.
    let body = secret::sha256(body);
    hex::encode(secret::sha256(&[method.as_str().as_bytes(), b" ", path.as_bytes(), b"\n", &body].concat()))
}

/// The version that `If-Match` asks for. A tag that is no version of ours matches none.
fn expected_version(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let fault = || Violation::new("", "malformed", "If-Match must be one version in quotes, such as \"3\", or *.");
    let value = value.to_str().map_err(|_| fault())?.trim();
    if value == "*" {
        return Ok(None);
    }
    // Weak tags never match here (RFC 9110, 13.1.1): they say too little about what was seen.
    let (weak, tag) = value.strip_prefix("W/").map_or((false, value), |tag| (true, tag));
    let tag = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).filter(|tag| !tag.contains('"'));
    let tag = tag.ok_or_else(fault)?;
    Ok(Some(tag.parse().ok().filter(|_| !weak).unwrap_or(-1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn versions_are_read_from_tags() {
        let expected = |value| expected_version(&headers("if-match", value)).map_err(|problem| problem.status());
        assert_eq!(expected("\"3\""), Ok(Some(3)));
        assert_eq!(expected("W/\"3\""), Ok(Some(-1)));
        assert_eq!(expected("*"), Ok(None));
        assert_eq!(expected("\"abc\""), Ok(Some(-1)));
        for malformed in ["3", "\"3", "\"3\", \"4\"", ""] {
            assert_eq!(expected(malformed), Err(StatusCode::BAD_REQUEST), "{malformed}");
        }
    }

    /// PL-3: a key is taken on every POST and PATCH.
    #[test]
    fn keys_belong_to_requests_that_change_something() {
        let key = |method, value| idempotency_key((&method, "/"), &headers("idempotency-key", value));
        assert_eq!(key(Method::POST, "a b").ok(), Some(Some("a b".to_owned())));
        assert_eq!(key(Method::PATCH, "1").ok(), Some(Some("1".to_owned())));
        assert_eq!(key(Method::GET, "1").ok(), Some(None));
        assert!(key(Method::POST, "").is_err());
    }

    /// PL-3: another body, query, path or method is another request.
    #[test]
    fn the_fingerprint_covers_the_whole_request() {
        let one = fingerprint(&Method::POST, "/a?b", b"{}");
        assert_eq!(one, fingerprint(&Method::POST, "/a?b", b"{}"));
        for other in [
            fingerprint(&Method::PATCH, "/a?b", b"{}"),
            fingerprint(&Method::POST, "/a?c", b"{}"),
            fingerprint(&Method::POST, "/a?b", b"{ }"),
        ] {
            assert_ne!(one, other);
        }
    }
}
