//! Stripe as its documentation describes it, for what no program that can be installed does: it knows idempotency keys,
//! asks for authentication, has pages of its own, and loses answers. Shapes are those of version 2024-06-20.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::stripe_books::{Form, Pages, fail};

/// What webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_of_the_fake";
/// Keys with this in them are of another account, which has none of what the others made.
pub const ANOTHER: &str = "another";

/// A fake Stripe, which stops when it is dropped.
pub struct FakeStripe {
    /// Where it is.
    pub url: String,
    books: Books,
    server: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Books(Arc<Mutex<Pages>>);

impl FakeStripe {
    /// Starts one.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let books = Books::default();
        let routes = Router::new().route("/v1/{*path}", post(make).get(read).delete(delete)).with_state(books.clone());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { url, books, server })
    }

    /// The next answer to a POST or DELETE whose address ends like this is lost after it was done.
    pub fn lose(&self, end: &str) {
        self.books.open().lost.push(end.to_owned());
    }

    /// The next answer to a question whose address ends like this is given when what this answers is dropped or used.
    #[must_use]
    pub fn hold(&self, end: &str) -> oneshot::Sender<()> {
        let (release, held) = oneshot::channel();
        self.books.open().held.push((end.to_owned(), held));
        release
    }

    /// Whether the question that is held by `end` has not come yet.
    #[must_use]
    pub fn waits(&self, end: &str) -> bool {
        self.books.open().held.iter().any(|(held, _)| held == end)
    }

    /// Addresses that were asked, oldest first.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.books.open().asked.clone()
    }

    /// Intents, oldest first.
    #[must_use]
    pub fn intents(&self) -> Vec<Value> {
        self.books.open().intents.values().cloned().collect()
    }

    /// How many intents were paid.
    #[must_use]
    pub fn charges(&self) -> usize {
        self.intents().iter().filter(|intent| intent["status"] == "succeeded").count()
    }

    /// Refunds, oldest first.
    #[must_use]
    pub fn refunds(&self) -> Vec<Value> {
        self.books.open().refunds.clone()
    }

    /// Customers that were made and not deleted.
    #[must_use]
    pub fn customers(&self) -> Vec<String> {
        self.books.open().customers.clone()
    }

    /// A day passes: what was asked under which key is forgotten.
    pub fn forget(&self) {
        self.books.open().answers.clear();
    }

    /// The newest refund turns out to fail; answers it.
    #[must_use]
    pub fn fail_refund(&self) -> Value {
        let newest = self.refunds().pop().unwrap_or_default();
        self.fail_refund_of(newest["id"].as_str().unwrap_or_default())
    }

    /// The refund of this name turns out to fail; answers it.
    #[must_use]
    pub fn fail_refund_of(&self, name: &str) -> Value {
        let mut books = self.books.open();
        let Some(refund) = books.refunds.iter_mut().find(|refund| refund["id"] == name) else { return Value::Null };
        refund["status"] = json!("failed");
        refund.clone()
    }

    /// From now on a page of a list holds so many at most.
    pub fn page(&self, most: usize) {
        self.books.open().page = Some(most);
    }

    /// Nobody is let in with `key` any more.
    pub fn revoke(&self, key: &str) {
        self.books.open().revoked.push(key.to_owned());
    }

    /// Somebody gives so much of `intent` back at Stripe itself; answers the refund.
    #[must_use]
    pub fn refund_by_hand(&self, intent: &str, amount: i64) -> Value {
        let fields = [("payment_intent", intent.to_owned()), ("amount", amount.to_string())];
        let form = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        self.books.open().answer("refunds", &form).1
    }

    /// The only intent there is.
    #[must_use]
    pub fn intent(&self) -> Value {
        self.intents().pop().unwrap_or_default()
    }

    /// The shopper answers the bank, or fails to.
    pub fn authenticate(&self, succeeds: bool) {
        let mut books = self.books.open();
        for intent in books.intents.values_mut().filter(|intent| intent["status"] == "requires_action") {
            intent["next_action"] = Value::Null;
            if succeeds {
                intent["status"] = json!("succeeded");
            } else {
                fail(intent, "payment_intent_authentication_failure", None);
            }
        }
    }

    /// The shopper pays on the page that was opened last.
    pub fn pay_on_page(&self) {
        let mut books = self.books.open();
        let serial = books.next();
        let Some(session) = books.sessions.values_mut().last() else { return };
        let id = format!("pi_page{serial:06}");
        session["status"] = json!("complete");
        session["payment_status"] = json!("paid");
        session["payment_intent"] = json!(id);
        session["url"] = Value::Null;
        let (metadata, amount) = (session["intent_metadata"].clone(), session["amount_total"].clone());
        let intent = json!({
            "id": id, "object": "payment_intent", "status": "succeeded", "amount": amount, "metadata": metadata,
            "payment_method": format!("pm_page{serial:06}"), "customer": format!("cus_page{serial:06}"),
        });
        books.customers.push(format!("cus_page{serial:06}"));
        books.intents.insert(id, intent);
    }

    /// An event about `object`, with the field that signs it at the second `at`.
    #[must_use]
    pub fn event(id: &str, kind: &str, object: &Value, at: i64) -> (String, Bytes) {
        let body = json!({
            "id": id, "object": "event", "api_version": "2024-06-20", "created": at, "type": kind, "livemode": false,
            "data": {"object": object},
        });
        let body = body.to_string();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, WEBHOOK_SECRET.as_bytes());
        let signature = ring::hmac::sign(&key, format!("{at}.{body}").as_bytes());
        (format!("t={at},v1={}", hex::encode(signature)), body.into())
    }
}

impl Drop for FakeStripe {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Books {
    fn open(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(
    State(books): State<Books>,
    Path(path): Path<String>,
    Query(asked): Query<Form>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refused(&books, &headers) {
        return refusal;
    }
    let held = books.open().held(&path);
    if let Some(held) = held {
        let _ = held.await;
    }
    let missing = || fault(404, &json!({"type": "invalid_request_error", "code": "resource_missing"}));
    if bearer(&headers).contains(ANOTHER) {
        return missing();
    }
    books.open().read(&path, &asked).map_or_else(missing, |found| Json(found).into_response())
}

async fn delete(State(books): State<Books>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    if let Some(refusal) = refused(&books, &headers) {
        return refusal;
    }
    let held = books.open().held(&path);
    if let Some(held) = held {
        let _ = held.await;
    }
    let mut books = books.open();
    let id = path.rsplit('/').next().unwrap_or_default();
    let is_lost = books.lost(&path);
    let known = books.customers.iter().position(|customer| customer == id).map(|at| books.customers.remove(at));
    books.deleted.extend(known.clone());
    match known {
        _ if is_lost => ([("content-length", "1000")], broken_off()).into_response(),
        Some(id) => Json(json!({"id": id, "object": "customer", "deleted": true})).into_response(),
        None => fault(404, &json!({"type": "invalid_request_error", "code": "resource_missing"})),
    }
}

async fn make(State(books): State<Books>, Path(path): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = refused(&books, &headers) {
        return refusal;
    }
    let Some(once) = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned) else {
        return fault(400, &json!({"type": "invalid_request_error", "code": "no_key"}));
    };
    let asked = format!("{path} {}", String::from_utf8_lossy(&body));
    let (status, answer) = {
        let mut books = books.open();
        books.asked.push(path.clone());
        match books.answers.get(&once) {
            Some((before, ..)) if *before != asked => (400, json!({"error": {"type": "idempotency_error"}})),
            Some((_, status, answer)) => (*status, answer.clone()),
            None => {
                let (status, answer) = books.answer(&path, &form(&body));
                books.answers.insert(once, (asked, status, answer.clone()));
                (status, answer)
            }
        }
    };
    let (is_lost, held) = {
        let mut books = books.open();
        (books.lost(&path), books.held(&path))
    };
    if let Some(held) = held {
        let _ = held.await;
    }
    if is_lost {
        let broken = broken_off();
        return ([("content-length", "1000")], broken).into_response();
    }
    (StatusCode::from_u16(status).unwrap_or_default(), Json(answer)).into_response()
}

/// A body that breaks off: the connection is closed.
fn broken_off() -> Body {
    let broken = std::io::Error::other("the network is gone");
    Body::from_stream(futures_util::stream::once(async move { Err::<Bytes, _>(broken) }))
}

fn bearer(headers: &HeaderMap) -> &str {
    headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn refused(books: &Books, headers: &HeaderMap) -> Option<Response> {
    let key = bearer(headers).strip_prefix("Bearer ").unwrap_or_default();
    let is_revoked = books.open().revoked.iter().any(|revoked| revoked == key);
    let is_known = key.starts_with("sk_") && !is_revoked && headers.get("stripe-version").is_some();
    (!is_known).then(|| fault(401, &json!({"type": "invalid_request_error"})))
}

fn fault(status: u16, error: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap_or_default(), Json(json!({ "error": error }))).into_response()
}

fn form(body: &[u8]) -> Form {
    let query = format!("http://form/?{}", String::from_utf8_lossy(body));
    let pairs = reqwest::Url::parse(&query).map(|url| url.query_pairs().into_owned().collect());
    pairs.unwrap_or_default()
}
