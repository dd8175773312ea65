//! What the load has seen: requests, refusals, what was acknowledged, and every answer that should not have been.
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use e2e::{Answer, http::send};
use reqwest::RequestBuilder;

use crate::fault::Breaks;

/// What an answer may take (API.md §1), and what the client adds.
const LIMIT: Duration = Duration::from_secs(11);
/// How long to wait after a broken connection.
const BREATH: Duration = Duration::from_millis(200);
/// Complaints that are kept in full.
const SHOWN: usize = 6;

/// What came of a request.
pub enum Reply {
    /// An answer to look at.
    Answer(Answer),
    /// Not now: to be repeated after a while.
    Later(Duration),
}

/// An order that a client was told of.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// When.
    pub at: Instant,
    /// Its id.
    pub order: String,
}

/// The client's own books of one load.
#[derive(Debug)]
pub struct Ledger {
    /// What clients may see break.
    breaks: Breaks,
    /// Orders of before of which nothing was given back.
    stock: Mutex<Vec<String>>,
    notes: Mutex<Notes>,
}

/// What is in them.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Requests sent.
    pub requests: usize,
    /// Of these, answered 503 with `Retry-After`, or by a repetition still running.
    pub refused: usize,
    /// Of these, without an answer because the connection broke, or nobody was there to answer.
    pub broken: usize,
    /// Orders acknowledged.
    pub orders: Vec<Acknowledged>,
    /// Of these, so many have been looked at by those who give money back.
    pub given: usize,
    /// Refunds acknowledged, `rfd_…`.
    pub refunds: Vec<String>,
    /// Events that the house has acknowledged; each was sent more than once.
    pub events: BTreeSet<String>,
    /// Subscriptions that came due.
    pub renewals: u64,
    /// What should not have been.
    pub complaints: Vec<String>,
    /// How many there were.
    pub wrong: usize,
}

impl Ledger {
    /// An empty one, but for orders to give something back of; no more may break for clients than `breaks` says.
    pub fn new(breaks: Breaks, stock: Vec<String>) -> Self {
        Self { breaks, stock: Mutex::new(stock), notes: Mutex::default() }
    }

    /// Sends `request` and judges what comes back; `what` names it in complaints.
    pub async fn ask(&self, what: &str, request: RequestBuilder) -> Reply {
        let started = Instant::now();
        let answer = send(request.timeout(LIMIT)).await;
        let took = started.elapsed();
        self.note(|notes| notes.requests += 1);
        match answer {
            Ok(answer) => {
                if took > LIMIT {
                    self.complain(format!("{what}: {} took {took:?}", answer.status));
                }
                self.judge(what, answer)
            }
            Err(error) if self.may_break(&error) => {
                self.note(|notes| notes.broken += 1);
                Reply::Later(BREATH)
            }
            Err(error) => {
                self.complain(format!("{what}: no answer after {took:?}: {error:#}"));
                Reply::Later(BREATH)
            }
        }
    }

    /// Whether `error` is a consequence of the fault: where connections break, no request hangs.
    fn may_break(&self, error: &anyhow::Error) -> bool {
        let hangs =
            error.chain().filter_map(|cause| cause.downcast_ref::<reqwest::Error>()).any(reqwest::Error::is_timeout);
        match self.breaks {
            Breaks::Nothing => false,
            Breaks::Connections => !hangs,
            Breaks::Answers => true,
        }
    }

    fn judge(&self, what: &str, answer: Answer) -> Reply {
        let wait = answer.header("retry-after").parse().map(Duration::from_secs);
        let running = answer.status == 409 && answer.body["code"] == "idempotency_in_flight";
        match (answer.status, wait) {
            (503, Ok(wait)) => {
                self.note(|notes| notes.refused += 1);
                Reply::Later(wait)
            }
            (409, _) if running => {
                self.note(|notes| notes.refused += 1);
                Reply::Later(BREATH)
            }
            (429 | 500.., _) => {
                self.complain(format!("{what}: {} {}", answer.status, answer.body));
                Reply::Later(BREATH)
            }
            _ => Reply::Answer(answer),
        }
    }

    /// Keeps an acknowledged order.
    pub fn acknowledge(&self, order: &str) {
        let order = Acknowledged { at: Instant::now(), order: order.to_owned() };
        self.note(|notes| notes.orders.push(order));
    }

    /// The next order to give something back of.
    pub fn take_order(&self) -> Option<String> {
        if let Some(order) = self.stock.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Some(order);
        }
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let next = notes.orders.get(notes.given).map(|order| order.order.clone())?;
        notes.given += 1;
        Some(next)
    }

    /// Orders of which nothing was given back.
    pub fn left(&self) -> Vec<String> {
        let stock = self.stock.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let notes = self.notes();
        stock.into_iter().chain(notes.orders[notes.given..].iter().map(|order| order.order.clone())).collect()
    }

    /// Keeps an acknowledged refund.
    pub fn gave(&self, refund: &str) {
        self.note(|notes| notes.refunds.push(refund.to_owned()));
    }

    /// Keeps an acknowledged event.
    pub fn heard(&self, event: &str) {
        self.note(|notes| {
            notes.events.insert(event.to_owned());
        });
    }

    /// Keeps how many subscriptions came due.
    pub fn came_due(&self, renewals: u64) {
        self.note(|notes| notes.renewals += renewals);
    }

    /// Keeps what should not have been.
    pub fn complain(&self, complaint: String) {
        self.note(|notes| {
            notes.wrong += 1;
            if notes.complaints.len() < SHOWN {
                notes.complaints.push(complaint);
            }
        });
    }

    /// All of it so far.
    pub fn notes(&self) -> Notes {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: impl FnOnce(&mut Notes)) {
        change(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
