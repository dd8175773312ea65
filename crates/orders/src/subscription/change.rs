//! Changes of subscriptions by their customers and by staff (OR-7): each in one transaction, with its history, its events and
//! its entry in the audit.
use chrono::{DateTime, Utc};
use kit::{
    Call, Error as Kit, Tx,
    actor::Actor,
    audit::{self, Entry, json},
    failure::Violation,
    ids::SubscriptionId,
    permission::Permission,
};
use proto::orders::v1 as pb;
use tonic::Response;

use super::{Subscription, act::When, grpc::Subscriptions, reach::Reach, store, view};
use crate::{
    error::Error,
    order::{Doer, words},
};

/// A change, as it is named in histories, events and the audit.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// In the history and in events.
    pub name: &'static str,
    /// In the audit.
    pub action: &'static str,
}

/// Every change there is.
#[expect(missing_docs, reason = "each is its own name")]
impl Kind {
    pub const CANCELLED: Self = Self { name: "cancelled", action: "subscription.cancelled" };
    pub const PAUSED: Self = Self { name: "paused", action: "subscription.paused" };
    pub const RESUMED: Self = Self { name: "resumed", action: "subscription.resumed" };
    pub const RETRY: Self = Self { name: "retry", action: "subscription.retried" };
    pub const TARGET: Self = Self { name: "target", action: "subscription.renewal_target_changed" };
    pub const PLAN: Self = Self { name: "plan", action: "subscription.plan_changed" };
    pub const METHOD: Self = Self { name: "method", action: "subscription.payment_method_changed" };
}

/// Longest name of a payment method.
const LONGEST_METHOD: usize = 100;

/// The id of a request.
pub fn id(text: &str) -> Result<SubscriptionId, Error> {
    text.parse().map_err(|_| Error::SubscriptionNotFound)
}

/// Passes for what can be the name of a payment method.
pub fn method(given: &str) -> Result<(), Error> {
    if given.chars().count() > LONGEST_METHOD || given.chars().any(char::is_control) {
        return Err(Violation::new("/payment_method", "malformed", "at most 100 characters on one line").into());
    }
    Ok(())
}

/// Why something is done: staff say.
pub fn reason(actor: &Actor, given: &str) -> Result<String, Error> {
    let mut faults = Vec::new();
    let reason = if actor.is_staff() {
        words::needed("/reason", given, &mut faults)
    } else {
        words::several("/reason", given, words::REASON, &mut faults)
    };
    if faults.is_empty() { Ok(reason) } else { Err(Kit::Invalid(faults).into()) }
}

/// As of when something is cancelled; at once is for staff.
pub fn when(actor: &Actor, given: &str) -> Result<When, Error> {
    match given {
        "" | "period_end" => Ok(When::PeriodEnd),
        "now" if actor.is_staff() => Ok(When::Now),
        "now" => Err(kit::denied::Denied::Forbidden(Permission::SubscriptionsWrite.slug()).into()),
        _ => Err(Violation::new("/when", "unknown", "period_end or now").into()),
    }
}

impl Subscriptions {
    /// Carries `act` out on the subscription `id`, as the sender of `call` may, and answers it.
    pub(super) async fn change(
        &self,
        (call, reach): (&Call, &Reach),
        id: SubscriptionId,
        kind: Kind,
        act: impl FnOnce(&mut Subscription, DateTime<Utc>) -> Result<(), Error>,
    ) -> Result<Response<pb::Subscription>, Error> {
        let mut tx = self.db.begin(call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let held = store::hold_within(&mut tx, &reach.realms(), id).await?;
        let mut held = held.filter(|held| reach.holds(held)).ok_or(Error::SubscriptionNotFound)?;
        call.check_version(held.version)?;
        let (before, now) = (held.clone(), self.clock.now());
        act(&mut held, now)?;
        self.write(&mut tx, call, (&before, &held), kind).await?;
        let shown = view::show(&mut tx, held, reach.sight).await?;
        Ok(tx.answer(shown).await?)
    }

    async fn write(
        &self,
        tx: &mut Tx,
        call: &Call,
        (before, held): (&Subscription, &Subscription),
        kind: Kind,
    ) -> Result<(), Error> {
        let (actor, now) = (call.actor()?, held.updated_at);
        store::save(tx, held).await?;
        store::record(tx, held, kind.name, (&Doer::of(actor), now)).await?;
        if kind.name != Kind::RETRY.name {
            held.tell_change(tx, (kind.name, actor.kind), now);
        }
        if held.state.is_over() {
            held.tell_end(tx, now);
        }
        if actor.is_administrative() {
            let facts = |of: &Subscription| {
                json!({
                    "status": of.state.slug(), "plan": of.coming().plan,
                    "target": of.target.as_ref().map(|target| &target.id), "ended": of.state.is_over(),
                })
            };
            let entry = Entry::new(kind.action, ("subscription", held.id), now).about(held.customer);
            let is_explained = [Kind::CANCELLED.name, Kind::PAUSED.name].contains(&kind.name);
            let entry = if is_explained && !held.reason.is_empty() { entry.because(&held.reason) } else { entry };
            audit::record(tx, call, entry.changed(facts(before), facts(held)))?;
        }
        Ok(())
    }
}
