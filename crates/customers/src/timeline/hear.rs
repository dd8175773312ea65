//! What an event says that belongs on a timeline. Orders, payments and consents are there already: they are heard of here
//! only when somebody acted in the customer's name.
use std::str::FromStr;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use kit::{
    Error, clock,
    ids::{CustomerId, StoreId},
    inbox::Event,
    reads, telemetry,
};
use proto::{
    base::v1::Audited,
    identity::v1::{CustomerClosed, CustomerRegistered, SignedIn},
    notifications::v1::{MessageFailed, MessageSent},
    orders::v1::{
        OrderPlaced, PaymentFailed, SubscriptionChanged, SubscriptionEnded, SubscriptionPastDue, SubscriptionRenewed,
        SubscriptionStarted,
    },
    reviews::v1::{ReviewDeleted, ReviewSubmitted},
};

use super::Moment;

/// Entries of the audit that the timeline tells otherwise, or not: who read what, and consents, whose history is kept.
const SILENT: [&str; 2] = [reads::ACTION, "customer.consents_changed"];

/// What `event` says; mostly nothing.
pub fn hear(event: &Event) -> Result<Vec<Moment>, Error> {
    if let Some(entry) = event.read::<Audited>()? {
        return audited(&entry);
    }
    let acting = telemetry::acting();
    let own = |(realm, customer): (&str, &str), kind: &str, subject: &str, at| {
        let moment = Moment::new((read(realm)?, read(customer)?), kind, subject, moment(at)?);
        Ok::<_, Error>(moment.by_customer(acting.as_ref()))
    };
    let heard = if let Some(e) = event.read::<SignedIn>()? {
        if e.realm.is_empty() {
            return Ok(Vec::new()); // staff
        }
        let signed_in = own((&e.realm, &e.subject), "customer.signed_in", &e.methods.join(" "), e.at)?;
        Moment { at: hour(signed_in.at), ..signed_in }
    } else if let Some(e) = event.read::<CustomerRegistered>()? {
        own((&e.realm, &e.customer), "customer.registered", &e.customer, e.at)?.within(store(&e.store)?)
    } else if let Some(e) = event.read::<CustomerClosed>()? {
        own((&e.realm, &e.customer), "customer.closed", &e.customer, e.at)?
    } else if let Some(e) = event.read::<ReviewSubmitted>()? {
        own((&e.realm, &e.author), "review.submitted", &e.review, e.at)?.within(store(&e.store)?)
    } else if let Some(e) = event.read::<ReviewDeleted>()? {
        Moment::new((read(&e.realm)?, read(&e.author)?), "review.deleted", &e.review, moment(e.at)?)
    } else if let Some(e) = event.read::<MessageSent>()? {
        let whose = (!e.customer.is_empty()).then_some((&e.realm, &e.customer));
        let Some((realm, customer)) = whose else { return Ok(Vec::new()) };
        Moment::new((read(realm)?, read(customer)?), "message.sent", &e.message, moment(e.at)?)
            .by("system", "notifications")
    } else if let Some(e) = event.read::<MessageFailed>()? {
        let whose = (!e.customer.is_empty()).then_some((&e.realm, &e.customer));
        let Some((realm, customer)) = whose else { return Ok(Vec::new()) };
        Moment::new((read(realm)?, read(customer)?), "message.failed", &e.message, moment(e.at)?)
            .by("system", "notifications")
            .came_to(&e.reason)
    } else if let Some(e) = event.read::<PaymentFailed>()? {
        if e.customer.is_empty() {
            return Ok(Vec::new()); // told before customers were named
        }
        own((&e.realm, &e.customer), "payment.failed", &e.order, e.at)?.within(store(&e.store)?).came_to(&e.reason)
    } else {
        return renewing(event);
    };
    Ok(vec![heard])
}

/// What happened to a subscription. What staff did is in the audit, and told from there.
fn renewing(event: &Event) -> Result<Vec<Moment>, Error> {
    let acting = telemetry::acting();
    let told = |[realm, customer, place, subject]: [&str; 4], kind: &str, at| {
        let moment = Moment::new((read(realm)?, read(customer)?), kind, subject, moment(at)?);
        Ok::<_, Error>(moment.by("system", "orders").within(store(place)?))
    };
    let heard = if let Some(e) = event.read::<SubscriptionStarted>()? {
        told([&e.realm, &e.customer, &e.store, &e.subscription], "subscription.started", e.at)?
    } else if let Some(e) = event.read::<SubscriptionRenewed>()? {
        told([&e.realm, &e.customer, &e.store, &e.subscription], "subscription.renewed", e.at)?
    } else if let Some(e) = event.read::<SubscriptionPastDue>()? {
        let at = [&*e.realm, &*e.customer, &*e.store, &*e.subscription];
        told(at, "subscription.past_due", e.at)?.came_to(&e.reason)
    } else if let Some(e) = event.read::<SubscriptionEnded>()? {
        told([&e.realm, &e.customer, &e.store, &e.subscription], "subscription.ended", e.at)?.came_to(&e.status)
    } else if let Some(e) = event.read::<SubscriptionChanged>()? {
        if !["customer", "shopper"].contains(&&*e.by) {
            return Ok(Vec::new());
        }
        let at = [&*e.realm, &*e.customer, &*e.store, &*e.subscription];
        told(at, "subscription.changed", e.at)?.by_customer(acting.as_ref()).came_to(&e.change)
    } else {
        return Ok(Vec::new());
    };
    Ok(vec![heard])
}

/// An order that somebody placed in the customer's name.
pub fn placed(e: &OrderPlaced) -> Result<Option<Moment>, Error> {
    let Some(acting) = telemetry::acting() else { return Ok(None) };
    let placed = Moment::new((read(&e.realm)?, read(&e.customer)?), "order.placed", &e.order, moment(e.at)?);
    Ok(Some(placed.by_customer(Some(&acting)).within(store(&e.store)?)))
}

/// What staff did, and services by themselves: for each customer whom it concerns.
fn audited(entry: &Audited) -> Result<Vec<Moment>, Error> {
    if entry.customers.is_empty() || SILENT.contains(&entry.action.as_str()) {
        return Ok(Vec::new());
    }
    let (realm, at, store) = (read(&entry.realm)?, moment(entry.at)?, store(&entry.store)?);
    let actor = entry.actor.clone().unwrap_or_default();
    let impersonator = entry.impersonator.as_ref().map(|who| format!("{} {}", who.kind, who.id)).unwrap_or_default();
    let each = |customer: &String| {
        let moment = Moment::new((realm, read::<CustomerId>(customer)?), &entry.action, &entry.target, at);
        let moment = moment.by(&actor.kind, &actor.id).within(store);
        Ok(Moment { impersonator: impersonator.clone(), ..moment })
    };
    entry.customers.iter().map(each).collect()
}

/// The hour that `at` is in: sign-ins are told once an hour.
fn hour(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at)
}

fn store(id: &str) -> Result<Option<StoreId>, Error> {
    if id.is_empty() { Ok(None) } else { read(id).map(Some) }
}

fn read<T: FromStr<Err: std::fmt::Display>>(id: &str) -> Result<T, Error> {
    id.parse().map_err(|e| Error::Internal(format!("an event's id: {e}")))
}

fn moment(at: Option<prost_types::Timestamp>) -> Result<DateTime<Utc>, Error> {
    at.as_ref().and_then(clock::datetime).ok_or_else(|| Error::Internal("an event without a time".to_owned()))
}
