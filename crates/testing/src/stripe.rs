//! Stripe as its documentation describes it, for what no program that can be installed does: it knows idempotency keys,
//! asks for authentication, has pages of its own, and loses answers. Shapes are those of version 2024-06-20.
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// What webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_of_the_fake";

type Form = BTreeMap<String, String>;

/// A fake Stripe, which stops when it is dropped.
pub struct FakeStripe {
    /// Where it is.
    pub url: String,
    books: Books,
    server: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Books(Arc<Mutex<Pages>>);

#[derive(Default)]
struct Pages {
    intents: BTreeMap<String, Value>,
    sessions: BTreeMap<String, Value>,
    refunds: Vec<Value>,
    /// Answers by idempotency key, with what was asked.
    answers: BTreeMap<String, (String, u16, Value)>,
    asked: Vec<String>,
    /// Ends of addresses whose next answer is lost.
    lost: Vec<String>,
    /// Ends of addresses whose next answer waits.
    held: Vec<(String, oneshot::Receiver<()>)>,
    serial: u32,
}

impl FakeStripe {
    /// Starts one.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let books = Books::default();
        let routes = Router::new().route("/v1/{*path}", post(make).fallback(get(read))).with_state(books.clone());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { url, books, server })
    }

    /// The next answer to a POST whose address ends like this is lost after it was done.
    pub fn lose(&self, end: &str) {
        self.books.open().lost.push(end.to_owned());
    }

    /// The next answer to a POST whose address ends like this is given when what this answers is dropped or used.
    #[must_use]
    pub fn hold(&self, end: &str) -> oneshot::Sender<()> {
        let (release, held) = oneshot::channel();
        self.books.open().held.push((end.to_owned(), held));
        release
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

async fn read(State(books): State<Books>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    if let Some(refusal) = refused(&headers) {
        return refusal;
    }
    let books = books.open();
    let id = path.rsplit('/').next().unwrap_or_default();
    let found = books.intents.get(id).or_else(|| books.sessions.get(id));
    found.map_or_else(
        || fault(404, &json!({"type": "invalid_request_error", "code": "resource_missing"})),
        |found| Json(found.clone()).into_response(),
    )
}

async fn make(State(books): State<Books>, Path(path): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = refused(&headers) {
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
        let lost = books.lost.iter().position(|end| path.ends_with(end.as_str()));
        let held = books.held.iter().position(|(end, _)| path.ends_with(end.as_str()));
        (lost.map(|at| books.lost.remove(at)).is_some(), held.map(|at| books.held.remove(at).1))
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

fn refused(headers: &HeaderMap) -> Option<Response> {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_known = bearer.starts_with("Bearer sk_") && headers.get("stripe-version").is_some();
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

fn fail(intent: &mut Value, code: &str, decline: Option<&str>) {
    intent["status"] = json!("requires_payment_method");
    intent["last_payment_error"] =
        json!({"type": "card_error", "code": code, "decline_code": decline, "message": "No."});
}

impl Pages {
    fn next(&mut self) -> u32 {
        self.serial += 1;
        self.serial
    }

    fn answer(&mut self, path: &str, form: &Form) -> (u16, Value) {
        let steps: Vec<_> = path.split('/').collect();
        match *steps {
            ["payment_intents"] => self.intend(form),
            ["payment_intents", id, "confirm"] => self.confirm(id, form),
            ["payment_intents", id, "cancel"] => self.cancel(id),
            ["checkout", "sessions"] => self.open_page(form),
            ["checkout", "sessions", id, "expire"] => self.expire(id),
            ["customers"] => (200, json!({"id": format!("cus_{:06}", self.next()), "object": "customer"})),
            ["payment_methods", id, "attach"] => (200, json!({"id": id, "object": "payment_method"})),
            ["refunds"] => self.refund(form),
            _ => (404, json!({"error": {"type": "invalid_request_error"}})),
        }
    }

    fn intend(&mut self, form: &Form) -> (u16, Value) {
        let id = format!("pi_{:06}", self.next());
        let text = |name: &str| form.get(name).cloned();
        let intent = json!({
            "id": id, "object": "payment_intent", "status": "requires_confirmation",
            "amount": text("amount").and_then(|amount| amount.parse::<i64>().ok()), "currency": text("currency"),
            "payment_method": text("payment_method"), "customer": text("customer"), "next_action": null,
            "setup_future_usage": text("setup_future_usage"), "last_payment_error": null,
            "client_secret": format!("{id}_secret_x"),
            "metadata": {"payment": text("metadata[payment]"), "order": text("metadata[order]")},
        });
        self.intents.insert(id, intent.clone());
        (200, intent)
    }

    fn confirm(&mut self, id: &str, form: &Form) -> (u16, Value) {
        let Some(intent) = self.intents.get_mut(id) else { return (404, json!({"error": {}})) };
        if intent["status"] != "requires_confirmation" {
            return (400, json!({"error": {"code": "payment_intent_unexpected_state", "payment_intent": intent}}));
        }
        let (away, back) = (form.contains_key("off_session"), form.get("return_url"));
        let refusal = match intent["payment_method"].as_str().unwrap_or_default() {
            "pm_card_poor" => Some(("card_declined", Some("insufficient_funds"))),
            "pm_card_declined" => Some(("card_declined", Some("generic_decline"))),
            "pm_card_asks" if away => Some(("authentication_required", Some("authentication_required"))),
            "pm_card_dies" if away => Some(("expired_card", None)),
            "pm_card_asks" => {
                intent["status"] = json!("requires_action");
                intent["next_action"] = match back {
                    Some(_) => json!({"type": "redirect_to_url",
                                      "redirect_to_url": {"url": format!("https://bank.example/{id}")}}),
                    None => json!({"type": "use_stripe_sdk", "use_stripe_sdk": {}}),
                };
                return (200, intent.clone());
            }
            _ => None,
        };
        if let Some((code, decline)) = refusal {
            fail(intent, code, decline);
            let told = intent["last_payment_error"].clone();
            let error = json!({"type": "card_error", "code": told["code"], "decline_code": told["decline_code"],
                               "payment_intent": intent});
            return (402, json!({ "error": error }));
        }
        intent["status"] = json!("succeeded");
        (200, intent.clone())
    }

    fn cancel(&mut self, id: &str) -> (u16, Value) {
        let Some(intent) = self.intents.get_mut(id) else { return (404, json!({"error": {}})) };
        if intent["status"] == "succeeded" || intent["status"] == "canceled" {
            return (400, json!({"error": {"code": "payment_intent_unexpected_state", "payment_intent": intent}}));
        }
        intent["status"] = json!("canceled");
        (200, intent.clone())
    }

    fn open_page(&mut self, form: &Form) -> (u16, Value) {
        let id = format!("cs_{:06}", self.next());
        let text = |name: &str| form.get(name).cloned();
        let amount = text("line_items[0][price_data][unit_amount]").and_then(|amount| amount.parse::<i64>().ok());
        let session = json!({
            "id": id, "object": "checkout.session", "status": "open", "payment_status": "unpaid", "payment_intent": null,
            "url": format!("https://checkout.stripe.example/{id}"), "amount_total": amount,
            "success_url": text("success_url"), "metadata": {"payment": text("metadata[payment]")},
            "intent_metadata": {"payment": text("payment_intent_data[metadata][payment]")},
        });
        self.sessions.insert(id, session.clone());
        (200, session)
    }

    fn expire(&mut self, id: &str) -> (u16, Value) {
        let Some(session) = self.sessions.get_mut(id) else { return (404, json!({"error": {}})) };
        if session["status"] != "open" {
            return (400, json!({"error": {"type": "invalid_request_error"}}));
        }
        session["status"] = json!("expired");
        (200, session.clone())
    }

    fn refund(&mut self, form: &Form) -> (u16, Value) {
        let intent = form.get("payment_intent").and_then(|id| self.intents.get(id));
        let paid = intent.filter(|intent| intent["status"] == "succeeded").and_then(|intent| intent["amount"].as_i64());
        let amount: i64 = form.get("amount").and_then(|amount| amount.parse().ok()).unwrap_or_default();
        let back: i64 = self
            .refunds
            .iter()
            .filter(|refund| refund["payment_intent"].as_str() == form.get("payment_intent").map(String::as_str))
            .filter_map(|refund| refund["amount"].as_i64())
            .sum();
        if !(1..=paid.unwrap_or_default() - back).contains(&amount) {
            return (400, json!({"error": {"code": "charge_already_refunded"}}));
        }
        let refund = json!({"id": format!("re_{:06}", self.next()), "object": "refund", "status": "succeeded",
                            "amount": amount, "payment_intent": form.get("payment_intent"),
                            "metadata": {"refund": form.get("metadata[refund]")}});
        self.refunds.push(refund.clone());
        (200, refund)
    }
}
