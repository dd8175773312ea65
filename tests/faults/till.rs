//! The store's account at Stripe, whose events come early, twice, late and in the wrong order, and who gives some money back
//! by hand.
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use e2e::{House, Shop, http::send};
use kit::clock::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use testing::{FakeStripe, stripe::WEBHOOK_SECRET};

use crate::{
    front::Front,
    ledger::{Ledger, Reply},
};

/// How long one event may be refused, whatever breaks.
const PATIENCE: Duration = Duration::from_secs(75);
/// How often it is looked whether there is something to tell.
const GLANCE: Duration = Duration::from_millis(60);
/// Of how many renewals one is given back in part at Stripe itself.
const BY_HAND: usize = 5;

/// The account.
#[derive(Clone)]
pub struct Till {
    /// Stripe itself.
    pub stripe: Arc<FakeStripe>,
    told: Arc<Mutex<BTreeSet<String>>>,
}

/// Something that Stripe tells.
struct Event {
    id: String,
    kind: &'static str,
    object: Value,
}

impl Till {
    /// An account at a Stripe of its own.
    pub async fn open() -> anyhow::Result<Self> {
        Ok(Self { stripe: Arc::new(FakeStripe::start().await?), told: Arc::default() })
    }

    /// Sets it up for `shop`.
    pub async fn join(&self, house: &House, shop: &Shop<'_>) -> anyhow::Result<()> {
        let keys = json!({ "enabled": true, "secret_key": "sk_test_of_faults", "webhook_secret": WEBHOOK_SECRET });
        let set = house.http.request(Method::PUT, "/admin/v1/gateways/stripe").bearer_auth(&shop.owner.token);
        send(set.json(&keys)).await?.expect(200)?;
        Ok(())
    }

    /// Tells all that is new until `is_over` and nothing is left to be told.
    pub async fn tell(&self, (front, ledger): (&Front, &Ledger), is_over: impl Fn() -> bool) {
        loop {
            let news = self.news();
            if news.is_empty() {
                if is_over() {
                    return;
                }
                tokio::time::sleep(GLANCE).await;
            }
            // The newest first, and each twice.
            for event in news.iter().rev().chain(&news) {
                self.deliver((front, ledger), event).await;
            }
        }
    }

    /// What nobody was told of.
    fn news(&self) -> Vec<Event> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut news = Vec::new();
        for intent in self.stripe.intents() {
            let id = intent["id"].as_str().unwrap_or_default();
            if intent["status"] == "succeeded" && told.insert(id.to_owned()) {
                let older = json!({ "id": id, "object": "payment_intent", "status": "requires_action" });
                news.push(Event { id: format!("evt_{id}_0"), kind: "payment_intent.requires_action", object: older });
                news.push(Event {
                    id: format!("evt_{id}_1"),
                    kind: "payment_intent.succeeded",
                    object: intent.clone(),
                });
                // Of renewals: of what was just bought staff give back here.
                if intent["customer"].is_string() && told.len().is_multiple_of(BY_HAND) {
                    let _ = self.stripe.refund_by_hand(id, 10);
                }
            }
        }
        let refunds = self.stripe.refunds();
        for (place, refund) in refunds.iter().enumerate() {
            let (id, intent) = (refund["id"].as_str().unwrap_or_default(), &refund["payment_intent"]);
            if told.insert(id.to_owned()) {
                let back: i64 =
                    refunds[..=place].iter().filter(|one| one["payment_intent"] == *intent).map(amount).sum();
                let charge = json!({ "id": format!("ch_{id}"), "object": "charge", "payment_intent": intent,
                                     "amount_refunded": back });
                news.push(Event { id: format!("evt_{id}"), kind: "charge.refunded", object: charge });
            }
        }
        news
    }

    async fn deliver(&self, (front, ledger): (&Front, &Ledger), event: &Event) {
        let started = Instant::now();
        loop {
            let now = Clock::system(TimeDelta::zero()).now().timestamp();
            let (signature, body) = FakeStripe::event(&event.id, event.kind, &event.object, now);
            match ledger.ask("a webhook", front.hook(signature, body)).await {
                Reply::Answer(answer) if answer.status == 200 => return ledger.heard(&event.id),
                Reply::Answer(answer) => {
                    return ledger.complain(format!("a webhook: {} {}", answer.status, answer.body));
                }
                Reply::Later(wait) if started.elapsed() < PATIENCE => tokio::time::sleep(wait).await,
                Reply::Later(_) => return ledger.complain(format!("a webhook was put off for {PATIENCE:?}")),
            }
        }
    }

    /// What Stripe's books say of each payment that was taken: its name, how much, and how much went back.
    pub fn books(&self) -> Vec<(String, i64, i64)> {
        let refunds = self.stripe.refunds();
        let paid = self.stripe.intents().into_iter().filter(|intent| intent["status"] == "succeeded");
        let book = |intent: Value| {
            let back = refunds.iter().filter(|one| one["payment_intent"] == intent["id"]).map(amount).sum();
            (intent["id"].as_str().unwrap_or_default().to_owned(), amount(&intent), back)
        };
        paid.map(book).collect()
    }
}

fn amount(of: &Value) -> i64 {
    of["amount"].as_i64().unwrap_or_default()
}
