//! The events that tell of subscriptions: ids, states and amounts.
use chrono::{DateTime, Utc};
use kit::{Tx, actor::Kind, clock::timestamp, ids::OrderId, outbox};
use proto::orders::v1 as pb;

use super::Subscription;

/// Builds an event with what all of them have.
macro_rules! event {
    ($name:ident, $of:expr, $now:expr, { $($field:ident: $value:expr),* $(,)? }) => {
        pb::$name {
            realm: $of.realm.into(),
            store: $of.store.into(),
            subscription: $of.id.into(),
            customer: $of.customer.into(),
            product: $of.item.product.into(),
            status: $of.state.slug().to_owned(),
            version: $of.version,
            at: Some(timestamp($now)),
            $($field: $value,)*
        }
    };
}

impl Subscription {
    /// It has begun.
    pub fn tell_start(&self, tx: &mut Tx, now: DateTime<Utc>) {
        let renews_at = Some(timestamp(self.course.renews_at));
        outbox::publish(
            tx,
            &event!(SubscriptionStarted, self, now, { order: self.order.into(), renews_at: renews_at }),
        );
    }

    /// It was renewed by `order`.
    pub fn tell_renewal(&self, tx: &mut Tx, order: OrderId, (amount, now): (kit::money::Money, DateTime<Utc>)) {
        let renews_at = Some(timestamp(self.course.renews_at));
        let (order, amount) = (order.into(), Some(amount.into()));
        let told = event!(SubscriptionRenewed, self, now, { order: order, amount: amount, renews_at: renews_at });
        outbox::publish(tx, &told);
    }

    /// It renews soon.
    pub fn tell_notice(&self, tx: &mut Tx, now: DateTime<Utc>) {
        let (amount, renews_at) = (Some(self.due().into()), Some(timestamp(self.course.renews_at)));
        outbox::publish(tx, &event!(SubscriptionRenewalUpcoming, self, now, { amount: amount, renews_at: renews_at }));
    }

    /// Its renewal by `order` failed, and is tried again then.
    pub fn tell_failure(
        &self,
        tx: &mut Tx,
        (order, reason): (OrderId, &str),
        (again, now): (DateTime<Utc>, DateTime<Utc>),
    ) {
        let (order, reason, retry_at) = (order.into(), reason.to_owned(), Some(timestamp(again)));
        outbox::publish(
            tx,
            &event!(SubscriptionPastDue, self, now, { order: order, reason: reason, retry_at: retry_at }),
        );
    }

    /// Somebody changed it.
    pub fn tell_change(&self, tx: &mut Tx, (change, by): (&str, Kind), now: DateTime<Utc>) {
        let (change, by) = (change.to_owned(), by.slug().to_owned());
        outbox::publish(tx, &event!(SubscriptionChanged, self, now, { change: change, by: by }));
    }

    /// It is over.
    pub fn tell_end(&self, tx: &mut Tx, now: DateTime<Utc>) {
        outbox::publish(tx, &event!(SubscriptionEnded, self, now, {}));
    }
}
