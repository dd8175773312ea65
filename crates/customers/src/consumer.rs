//! Events that customers listens to, and the use case that each of them calls.
use std::{collections::BTreeSet, str::FromStr};

use chrono::{DateTime, Utc};
use kit::{
    Error, Tx,
    clock::{self, Clock},
    ids::ProductId,
    inbox::{Consumer, Event},
    money::Money,
    outbox,
};
use proto::{
    base::v1::{self as pb, StepDone},
    carts::v1::CartHolderChanged,
    identity::v1::{CustomerClosed, CustomerRegistered, SignedIn},
    orders::v1::{
        LibraryChanged, OrderPlaced, PaymentCaptured, PaymentRefunded, PlacedLine, RefundFailed, SubscriptionChanged,
        SubscriptionEnded, SubscriptionPastDue, SubscriptionRenewalUpcoming, SubscriptionRenewed, SubscriptionStarted,
    },
    reviews::v1::{ReviewDeleted, ReviewSubmitted},
};

use tracing::Instrument;

use crate::activity::{
    cart::{HeldCart, record_cart},
    gift::{Gift, record_gift},
    order::PlacedOrder,
    payment::Payment,
    registration::{record_closure, record_registration},
    review::{Review, record_review},
    sales::{Sales, record_sales},
    sign_of_life::{SignOfLife, record_sign_of_life},
    subscription::{Status, Subscription, record_subscription},
};
use crate::{
    erasure::{closure::note_closure, erase::finish},
    job::{Step, record_step},
    timeline,
};

/// The consumer.
#[derive(Clone, Debug)]
pub struct Events {
    clock: Clock,
}

impl Events {
    /// A consumer that lives by `clock`.
    #[must_use]
    pub fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone() }
    }
}

impl Events {
    /// Applies what comes one by one.
    async fn apply_other(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        let now = self.clock.now();
        if let Some(review) = event.read::<ReviewSubmitted>()? {
            return Ok(record_review(tx, submitted(&review)?, now).await?);
        }
        if let Some(review) = event.read::<ReviewDeleted>()? {
            return Ok(record_review(tx, deleted(&review)?, now).await?);
        }
        if let Some(event) = event.read::<CustomerRegistered>()? {
            return Ok(record_registration(tx, registration(&event)?, now).await?);
        }
        if let Some(event) = event.read::<CustomerClosed>()? {
            let closed = closure(&event)?;
            record_closure(tx, closed, now).await?;
            return Ok(note_closure(tx, (closed.realm, closed.customer), closed.at, &self.clock).await?);
        }
        if let Some(done) = event.read::<StepDone>()? {
            return match record_step(tx, step(done)?, now).await? {
                Some(job) => Ok(finish(tx, &job).await?),
                None => Ok(()),
            };
        }
        if let Some(event) = event.read::<CartHolderChanged>()? {
            return Ok(record_cart(tx, cart(&event)?, now).await?);
        }
        if let Some(changed) = event.read::<LibraryChanged>()? {
            return match changed.change.as_str() {
                "gift" => Ok(record_gift(tx, gift(&changed)?).await?),
                _ => Ok(()),
            };
        }
        if let Some(subscription) = subscription(event)? {
            return Ok(record_subscription(tx, subscription, now).await?);
        }
        match sign_of_life(event)? {
            Some(sign) => Ok(record_sign_of_life(tx, sign).await?),
            None => Ok(()),
        }
    }
}

impl Consumer for Events {
    const SOURCES: &'static [&'static str] = &["identity", "carts", "orders", "notifications", "reviews", "customers"];

    /// What is added goes to the end: places name the consumers that the broker keeps. Of carts and notifications what they have done of a job, whose carts there are, and what belongs on a timeline; of itself what staff did.
    fn events(source: &str) -> &'static [&'static str] {
        match source {
            "carts" => &["*.StepDone", "*.Audited", "*.CartHolderChanged"],
            "notifications" => &["*.StepDone", "*.MessageSent", "*.MessageFailed", "*.Audited"],
            "customers" => &["*.Audited"],
            _ => &[">"],
        }
    }

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        self.apply_all(tx, &[event]).await
    }

    /// Orders and payments together, since most of them come in pairs; the rest one by one.
    async fn apply_all(&self, tx: &mut Tx, events: &[&Event]) -> Result<(), Error> {
        let (mut sales, mut spans, mut moments) = (Sales::default(), Vec::new(), Vec::new());
        for event in events {
            let span = event.span();
            moments.extend(timeline::hear(event)?);
            if let Some(placed) = event.read::<OrderPlaced>()? {
                moments.extend(timeline::hear::placed(&placed)?);
                sales.orders.push(order(placed)?);
                spans.push(span);
            } else if let Some(captured) = event.read::<PaymentCaptured>()? {
                sales.payments.push(payment(&captured)?);
            } else if let Some(refunded) = event.read::<PaymentRefunded>()? {
                sales.payments.push(refund(refunded)?);
            } else if let Some(failed) = event.read::<RefundFailed>()? {
                sales.payments.push(unreturned(failed)?);
            } else {
                self.apply_other(tx, event).instrument(span).await?;
            }
        }
        let promoted = record_sales(tx, &sales, self.clock.now()).await?;
        timeline::store::add(tx, &moments).await?;
        for (order, span) in sales.orders.iter().zip(spans) {
            if promoted.contains(&order.order) {
                span.in_scope(|| outbox::publish(tx, &order.promoted()));
            }
        }
        Ok(())
    }
}

/// What the event says of an order.
pub(crate) fn order(event: OrderPlaced) -> Result<PlacedOrder, Error> {
    let total = event.total.as_ref().ok_or_else(|| Error::Internal("an order without a total".to_owned()))?;
    Ok(PlacedOrder {
        realm: read(&event.realm)?,
        store: read(&event.store)?,
        order: read(&event.order)?,
        customer: read(&event.customer)?,
        currency: money(total)?.currency,
        products: products(&event.lines)?,
        at: moment(event.at)?,
        number: event.number,
    })
}

fn products(lines: &[PlacedLine]) -> Result<Vec<ProductId>, Error> {
    let products: Result<BTreeSet<ProductId>, Error> = lines.iter().map(|line| read(&line.product)).collect();
    Ok(products?.into_iter().collect())
}

/// What the event says of a payment.
pub(crate) fn payment(event: &PaymentCaptured) -> Result<Payment, Error> {
    let amount = event.amount.as_ref().ok_or_else(|| Error::Internal("a payment without an amount".to_owned()))?;
    Ok(Payment {
        realm: read(&event.realm)?,
        store: read(&event.store)?,
        order: read(&event.order)?,
        customer: read(&event.customer)?,
        transaction: read(&event.transaction)?,
        amount: money(amount)?,
        at: moment(event.at)?,
    })
}

/// What the event says of money that went back: a payment of less than nothing.
fn refund(event: PaymentRefunded) -> Result<Payment, Error> {
    let PaymentRefunded { realm, store, order, customer, transaction, amount, at, .. } = event;
    let amount = amount.map(|money| pb::Money { amount: -money.amount, ..money });
    payment(&PaymentCaptured { realm, store, order, customer, transaction, amount, at })
}

/// What the event says of what somebody was given.
fn gift(event: &LibraryChanged) -> Result<Gift, Error> {
    let (realm, customer, store) = (read(&event.realm)?, read(&event.customer)?, read(&event.store)?);
    Ok(Gift { realm, customer, store, at: moment(event.at)? })
}

/// What the event says of money that went back and came again: a payment.
fn unreturned(event: RefundFailed) -> Result<Payment, Error> {
    let RefundFailed { realm, store, order, customer, transaction, amount, at, .. } = event;
    payment(&PaymentCaptured { realm, store, order, customer, transaction, amount, at })
}

/// What the event says of a review.
pub(crate) fn submitted(event: &ReviewSubmitted) -> Result<Review, Error> {
    Ok(Review {
        realm: read(&event.realm)?,
        id: read(&event.review)?,
        author: read(&event.author)?,
        store: Some(read(&event.store)?),
        deleted: false,
        at: moment(event.at)?,
    })
}

fn deleted(event: &ReviewDeleted) -> Result<Review, Error> {
    Ok(Review {
        realm: read(&event.realm)?,
        id: read(&event.review)?,
        author: read(&event.author)?,
        store: None,
        deleted: true,
        at: moment(event.at)?,
    })
}

/// What an event says of a subscription, which all of them say alike.
macro_rules! said {
    ($said:expr) => {
        Subscription {
            realm: read(&$said.realm)?,
            id: read(&$said.subscription)?,
            customer: read(&$said.customer)?,
            store: read(&$said.store)?,
            product: read(&$said.product)?,
            status: status(&$said.status)?,
            version: $said.version,
        }
    };
}

/// What the event says of a cart.
pub(crate) fn cart(event: &CartHolderChanged) -> Result<HeldCart, Error> {
    Ok(HeldCart {
        realm: read(&event.realm)?,
        id: read(&event.cart)?,
        customer: read(&event.customer)?,
        store: if event.store.is_empty() { None } else { Some(read(&event.store)?) },
        held: event.held,
        version: event.version,
    })
}

/// How a subscription stands, if that is what the event is about.
fn subscription(event: &Event) -> Result<Option<Subscription>, Error> {
    macro_rules! any_of {
        ($($name:ident)+) => {
            $(if let Some(event) = event.read::<$name>()? {
                return Ok(Some(said!(event)));
            })+
        };
    }
    any_of!(SubscriptionStarted SubscriptionRenewed SubscriptionRenewalUpcoming);
    any_of!(SubscriptionPastDue SubscriptionChanged SubscriptionEnded);
    Ok(None)
}

/// What a fact says of a subscription.
pub(crate) fn begun(event: &SubscriptionStarted) -> Result<Subscription, Error> {
    Ok(said!(event))
}

fn status(name: &str) -> Result<Status, Error> {
    Status::parse(name).ok_or_else(|| Error::Internal(format!("a subscription that is {name}")))
}

/// What the event says of an account.
pub(crate) fn registration(event: &CustomerRegistered) -> Result<SignOfLife, Error> {
    let store = if event.store.is_empty() { None } else { Some(read(&event.store)?) };
    Ok(SignOfLife { realm: read(&event.realm)?, customer: read(&event.customer)?, store, at: moment(event.at)? })
}

/// What the event says of an account that was closed.
fn closure(event: &CustomerClosed) -> Result<SignOfLife, Error> {
    Ok(SignOfLife { realm: read(&event.realm)?, customer: read(&event.customer)?, store: None, at: moment(event.at)? })
}

/// Somebody who signed in; staff are not customers.
fn sign_of_life(event: &Event) -> Result<Option<SignOfLife>, Error> {
    match event.read::<SignedIn>()? {
        Some(event) if !event.realm.is_empty() => {
            let (realm, customer) = (read(&event.realm)?, read(&event.subject)?);
            Ok(Some(SignOfLife { realm, customer, store: None, at: moment(event.at)? }))
        }
        _ => Ok(None),
    }
}

/// What a service says that it has done.
fn step(event: StepDone) -> Result<Step, Error> {
    Ok(Step {
        realm: read(&event.realm)?,
        job: read(&event.job)?,
        at: moment(event.at)?,
        service: event.service,
        counts: event.counts.into_iter().collect(),
    })
}

fn read<T: FromStr<Err: std::fmt::Display>>(id: &str) -> Result<T, Error> {
    id.parse().map_err(|e| Error::Internal(format!("an event's id: {e}")))
}

fn money(amount: &pb::Money) -> Result<Money, Error> {
    Money::parse(amount).map_err(|e| Error::Internal(format!("an event's amount: {e}")))
}

fn moment(at: Option<prost_types::Timestamp>) -> Result<DateTime<Utc>, Error> {
    at.as_ref().and_then(clock::datetime).ok_or_else(|| Error::Internal("an event without a time".to_owned()))
}
