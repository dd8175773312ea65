//! Reading personal data in the clear is recorded beside the request (AD-1): the request leaves a note in memory, and a
//! task of the service writes what was noted. A note that is lost, since too many wait, is counted.
use std::sync::{Arc, Mutex, PoisonError};

use base::{clock::Clock, ids::CustomerId, seen::Seen};
use chrono::{DateTime, Utc};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::Call;

/// What was done, as entries name it.
pub const ACTION: &str = "pii.read";
/// How many notes wait at most.
const QUEUE: usize = 10_000;

/// Takes notes of who reads whose personal data. Clones share what they know.
#[derive(Clone)]
pub struct Reads {
    service: &'static str,
    clock: Clock,
    seen: Arc<Mutex<Seen>>,
    queue: Sender<Note>,
}

/// Who read, whose data and when.
pub type Note = (Call, Vec<CustomerId>, DateTime<Utc>);

impl Reads {
    /// Whoever takes the notes of `service`, and the notes.
    #[must_use]
    pub fn new(service: &'static str, clock: &Clock) -> (Self, Receiver<Note>) {
        metrics::counter!("audit_reads_lost_total", "service" => service).increment(0);
        let (queue, notes) = mpsc::channel(QUEUE);
        (Self { service, clock: clock.clone(), seen: Arc::default(), queue }, notes)
    }

    /// Notes that the answer to `call` shows `customers` in the clear: when staff, a key, or somebody in a customer's name
    /// reads it, and each once a minute. Others see their own data, or are services.
    pub fn note(&self, call: &Call, customers: impl IntoIterator<Item = CustomerId>) {
        let Ok(actor) = call.actor() else { return };
        if !(actor.act.is_some() || (actor.is_staff() && actor.sees_pii())) {
            return;
        }
        let (now, act) = (self.clock.now(), actor.act.as_ref().map(|act| act.sub.as_str()).unwrap_or_default());
        let reader = format!("{} {act}", actor.label());
        let fresh = self.seen.lock().unwrap_or_else(PoisonError::into_inner).note(&reader, customers, now);
        if !fresh.is_empty() && self.queue.try_send((call.clone(), fresh, now)).is_err() {
            metrics::counter!("audit_reads_lost_total", "service" => self.service).increment(1);
            tracing::error!(service = self.service, "a reading of personal data could not be recorded");
        }
    }
}

#[cfg(test)]
mod tests {
    use base::{
        actor::{Actor, Kind},
        assertion::{Act, Claims},
        permission::{Permission, Permissions},
    };
    use http::HeaderMap;

    use super::*;

    fn call(kind: Kind, permissions: &[Permission], act: Option<Act>) -> Call {
        let claims = Claims::new(kind, "somebody", DateTime::UNIX_EPOCH);
        let perms = permissions.iter().copied().collect::<Permissions>();
        let actor = Actor::try_from(Claims { perms, act, ..claims }).expect("an actor");
        Call::read(&HeaderMap::new(), Some(Arc::new(actor)), "", None)
    }

    /// AD-1: staff and keys who see personal data leave a note, once a minute, and so does who acts for a customer; who
    /// sees it masked, a service and a customer themselves do not.
    #[test]
    fn readers_leave_a_note() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let (reads, mut notes) = Reads::new("customers", &clock);
        let ada = CustomerId::new(DateTime::UNIX_EPOCH);
        let act = Act { kind: Kind::Staff, sub: "stf_1".into(), session: "ses_1".into(), reason: "asked".into() };
        let pii: &[Permission] = &[Permission::CustomersPii];
        for (call, noted) in [
            (call(Kind::Staff, pii, None), true),
            (call(Kind::Staff, pii, None), false),
            (call(Kind::ApiKey, pii, None), true),
            (call(Kind::Staff, &[], None), false),
            (call(Kind::System, &[], None), false),
            (call(Kind::Customer, &[], None), false),
            (call(Kind::Customer, &[], Some(act)), true),
        ] {
            reads.note(&call, [ada]);
            assert_eq!(notes.try_recv().is_ok(), noted, "{call:?}");
        }
    }

    /// AD-1: when more wait than there is room for, requests go on.
    #[test]
    fn a_full_queue_holds_nobody_up() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let (reads, mut notes) = Reads::new("customers", &clock);
        let staff = call(Kind::Staff, &[Permission::CustomersPii], None);
        for _ in 0..=QUEUE {
            reads.note(&staff, [CustomerId::new(DateTime::UNIX_EPOCH)]);
        }
        let kept = std::iter::from_fn(|| notes.try_recv().ok()).count();
        assert_eq!(kept, QUEUE);
    }
}
