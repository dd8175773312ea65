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
use uuid::Uuid;

use crate::{
    front::Front,
    ledger::{Ledger, Reply},
};

/// How long one event may be refused, whatever breaks.
const PATIENCE: Duration = Duration::from_secs(75);
/// How often it is looked whether there is something to tell.
const GLANCE: Duration = Duration::from_millis(60);
/// Of all renewals but one of so many a part is given back at Stripe itself.
const LEFT_ALONE: usize = 4;
/// Of how many of these one fails at once, and one later.
const BY_HAND: usize = 3;
/// Of how many refunds of the house one fails at once, and one later.
const OURS: usize = 6;
/// How much is given back by hand.
const PART: i64 = 10;

/// The account.
#[derive(Clone)]
pub struct Till {
    /// Stripe itself.
    pub stripe: Arc<FakeStripe>,
    told: Arc<Mutex<Told>>,
}

/// What was told, and what happened of which.
#[derive(Default)]
struct Told {
    /// Names of intents and refunds.
    known: BTreeSet<String>,
    renewals: usize,
    by_hand: usize,
    ours: usize,
    /// Refunds that the bank will not take, now that it is told that they were made.
    doomed: Vec<String>,
    /// Refunds whose failure was told before it was that they were made; and the other way round.
    failed: (usize, usize),
}

/// Something that Stripe tells.
struct Event {
    id: String,
    kind: &'static str,
    object: Value,
}

/// What Stripe's books say.
#[derive(Default)]
pub struct Books {
    /// Of each payment that was taken: its name, how much, and how much went back for good.
    pub payments: Vec<(String, i64, i64)>,
    /// Refunds of the house that have failed, `rfd_…`.
    pub failed: Vec<Uuid>,
    /// Names of what was given back by hand.
    pub by_hand: Vec<String>,
    /// Of these, what has failed.
    pub by_hand_failed: Vec<String>,
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
        let mut news: Vec<Event> =
            std::mem::take(&mut told.doomed).iter().map(|name| failure(&self.stripe.fail_refund_of(name))).collect();
        told.failed.1 += news.len();
        for intent in self.stripe.intents() {
            let id = intent["id"].as_str().unwrap_or_default();
            if intent["status"] == "succeeded" && told.known.insert(id.to_owned()) {
                let older = json!({ "id": id, "object": "payment_intent", "status": "requires_action" });
                news.push(Event { id: format!("evt_{id}_0"), kind: "payment_intent.requires_action", object: older });
                news.push(Event {
                    id: format!("evt_{id}_1"),
                    kind: "payment_intent.succeeded",
                    object: intent.clone(),
                });
                // Of renewals: of what was just bought staff give back here.
                if intent["customer"].is_string() {
                    told.renewals += 1;
                    if !told.renewals.is_multiple_of(LEFT_ALONE) {
                        let _ = self.stripe.refund_by_hand(id, PART);
                    }
                }
            }
        }
        let refunds = self.stripe.refunds();
        for (place, refund) in refunds.iter().enumerate() {
            let id = refund["id"].as_str().unwrap_or_default();
            if told.known.insert(id.to_owned()) {
                news.push(made(refund, &refunds[..=place]));
                match told.fate(refund, &self.stripe.intents()) {
                    Fate::Fails => {
                        // The newest is told first: the failure, and then that it was made.
                        told.failed.0 += 1;
                        news.push(failure(&self.stripe.fail_refund_of(id)));
                    }
                    Fate::FailsLater => told.doomed.push(id.to_owned()),
                    Fate::GoesWell => {}
                }
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

    /// What Stripe's books say.
    pub fn books(&self) -> Books {
        let refunds = self.stripe.refunds();
        let paid = self.stripe.intents().into_iter().filter(|intent| intent["status"] == "succeeded");
        let payments = paid.map(|intent| {
            let good = refunds.iter().filter(|one| one["payment_intent"] == intent["id"] && !has_failed(one));
            (intent["id"].as_str().unwrap_or_default().to_owned(), amount(&intent), good.map(amount).sum())
        });
        let mut books = Books { payments: payments.collect(), ..Books::default() };
        for refund in &refunds {
            let name = refund["id"].as_str().unwrap_or_default().to_owned();
            match ours(refund) {
                Some(id) if has_failed(refund) => {
                    books.failed.extend(id.split_once('_').and_then(|(_, id)| id.parse::<Uuid>().ok()));
                }
                Some(_) => {}
                None if has_failed(refund) => {
                    books.by_hand_failed.push(name.clone());
                    books.by_hand.push(name);
                }
                None => books.by_hand.push(name),
            }
        }
        books
    }

    /// What a run is to have and this had not.
    pub fn lacking(&self) -> Vec<String> {
        let (books, told) = (self.books(), self.told.lock().unwrap_or_else(PoisonError::into_inner));
        let happened = [
            (books.by_hand.len() > books.by_hand_failed.len(), "nothing was given back by hand at Stripe"),
            (!books.by_hand_failed.is_empty(), "nothing failed that was given back by hand at Stripe"),
            (told.failed.0 > 0, "no refund failed before it was told that it was made"),
            (told.failed.1 > 0, "no refund failed after it was told that it was made"),
        ];
        happened.into_iter().filter(|(did, _)| !did).map(|(_, what)| what.to_owned()).collect()
    }
}

/// What becomes of a refund.
enum Fate {
    Fails,
    FailsLater,
    GoesWell,
}

impl Told {
    /// What becomes of `refund`, which is new. Of the house's own those go well that are more than half of a payment: staff who
    /// give that back twice at once could do so if it failed.
    fn fate(&mut self, refund: &Value, intents: &[Value]) -> Fate {
        if ours(refund).is_none() {
            self.by_hand += 1;
            return match self.by_hand % BY_HAND {
                1 => Fate::Fails,
                2 => Fate::FailsLater,
                _ => Fate::GoesWell,
            };
        }
        let of = intents.iter().find(|intent| intent["id"] == refund["payment_intent"]).map(amount).unwrap_or_default();
        if amount(refund) * 2 > of {
            return Fate::GoesWell;
        }
        self.ours += 1;
        match self.ours % OURS {
            1 => Fate::Fails,
            4 => Fate::FailsLater,
            _ => Fate::GoesWell,
        }
    }
}

/// That `refund` was made, as it was told when it was the last of `refunds`.
fn made(refund: &Value, refunds: &[Value]) -> Event {
    let (id, intent) = (refund["id"].as_str().unwrap_or_default(), &refund["payment_intent"]);
    let back: i64 = refunds.iter().filter(|one| one["payment_intent"] == *intent).map(amount).sum();
    let object =
        json!({ "id": format!("ch_{id}"), "object": "charge", "payment_intent": intent, "amount_refunded": back });
    Event { id: format!("evt_{id}"), kind: "charge.refunded", object }
}

fn failure(refund: &Value) -> Event {
    let id = format!("evt_{}_failed", refund["id"].as_str().unwrap_or_default());
    Event { id, kind: "refund.failed", object: refund.clone() }
}

/// What the house calls it, if it asked for it.
fn ours(refund: &Value) -> Option<&str> {
    refund["metadata"]["refund"].as_str()
}

fn has_failed(refund: &Value) -> bool {
    refund["status"] == "failed"
}

fn amount(of: &Value) -> i64 {
    of["amount"].as_i64().unwrap_or_default()
}
