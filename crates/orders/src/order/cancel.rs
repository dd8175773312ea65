//! Calls an order off, and begins to give back what was paid for it (OR-2).
use chrono::{DateTime, Utc};
use kit::{Tx, clock::Clock, clock::timestamp, outbox};
use proto::orders::v1 as pb;

use super::{
    Doer, News, Order,
    store::{record, save},
};
use crate::{
    error::Error,
    invoice::pay::refuse_underway,
    refund::{self, Refund, begin_restitution},
    subscription::settled,
    transaction,
};

/// Calls `order` off, which is held. What came in and has not gone back, nor is about to, goes back: the refunds that are
/// begun by that are answered, to be finished outside of the transaction.
pub async fn cancel(
    tx: &mut Tx,
    order: &mut Order,
    (reason, notify): (&str, bool),
    (doer, clock): (&Doer, &Clock),
) -> Result<Vec<Refund>, Error> {
    let now = clock.now();
    refuse_underway(tx, order).await?;
    if !order.hear_quietly(News::Cancelled, now) {
        return Err(Error::OrderNotOpen);
    }
    record(tx, order, "cancelled", (doer, now)).await?;
    save(tx, order).await?;
    outbox::publish(tx, &told(order, notify, now));
    settled::cut_off(tx, order, (doer, now)).await?;
    // One message says it all: that of the cancellation.
    begin_restitution(tx, order, reason, (doer, clock)).await
}

/// What of `order` came in, has not gone back and is not about to.
pub async fn left(tx: &mut Tx, order: &Order) -> Result<i64, Error> {
    Ok(transaction::store::sums(tx, order).await?.left() - refund::store::underway(tx, order).await?.started)
}

fn told(order: &Order, notify: bool, now: DateTime<Utc>) -> pb::OrderCancelled {
    pb::OrderCancelled {
        realm: order.realm.into(),
        store: order.store.into(),
        order: order.id.into(),
        customer: order.customer.into(),
        number: order.number.clone(),
        total: Some(order.totals.due().into()),
        at: Some(timestamp(now)),
        notify,
    }
}
