//! Makes an entry in the ledger: what is paid of its order follows from the sums then, and money that moved is told of.
use chrono::{DateTime, Utc};
use kit::{Tx, clock::timestamp, ids::TransactionId, money::Money, outbox};
use proto::orders::v1 as pb;

use super::{Entry, Type, store};
use crate::{
    error::Error,
    library::enter::{enter_purchase, enter_refund},
    order::{
        Doer, News, Order, PaymentStatus,
        store::{lines, record, save},
    },
    payment::{Gateway, PaymentId},
    refund::Refund,
    subscription::settled,
};

/// An entry to be made.
#[derive(Clone, Debug)]
pub struct Booking<'a> {
    /// What about.
    pub kind: Type,
    /// Whether money moved.
    pub succeeded: bool,
    /// How much.
    pub amount: Money,
    /// Through which gateway.
    pub gateway: Gateway,
    /// The gateway's own name for it; may be empty.
    pub reference: String,
    /// A sentence about it.
    pub description: String,
    /// The payment it belongs to.
    pub payment: Option<PaymentId>,
    /// The refund it belongs to.
    pub refund: Option<&'a Refund>,
}

/// Books `booking` on `order`, which is held. What does not move money leaves the order as it is.
pub async fn book(
    tx: &mut Tx,
    order: &mut Order,
    booking: Booking<'_>,
    (doer, now): (&Doer, DateTime<Utc>),
) -> Result<Entry, Error> {
    let id = TransactionId::new(now);
    store::append(tx, order, (id, &booking), now).await?;
    let (history, event) = match booking.kind {
        _ if !booking.succeeded => return Ok(Entry { id }),
        Type::Payment | Type::Capture => ("payment", None),
        Type::Refund => ("refund", Some(refunded(order, &booking, id, now))),
        Type::Authorization | Type::Void => return Ok(Entry { id }),
    };
    let sums = store::sums(tx, order).await?;
    let next = order.standing.payment.booked(order.totals.total, sums.captured, sums.refunded);
    let is_paid_by_this = next == PaymentStatus::Paid && order.standing.payment != next;
    if !order.hear_quietly(News::Booked(next), now) {
        let detail = format!("{} stands at {:?} and its sums say {next:?}", order.id, order.standing);
        return Err(kit::Error::Internal(detail).into());
    }
    record(tx, order, history, (doer, now)).await?;
    save(tx, order).await?;
    let by = (doer.actor.as_str(), now);
    if let Some(event) = event {
        outbox::publish(tx, &event);
        let is_all = next == PaymentStatus::Refunded;
        enter_refund(tx, order, (booking.refund, is_all), by).await?;
        settled::end_refunded(tx, order, (booking.refund, is_all), (doer, now)).await?;
    } else {
        outbox::publish(tx, &captured(order, &booking, id, now));
        if next == PaymentStatus::Paid {
            enter_purchase(tx, order, by).await?;
        }
    }
    if is_paid_by_this {
        let lines = lines(tx, order).await?;
        settled::begin(tx, order, &lines, ("", doer, now)).await?;
        settled::go_on(tx, order, now).await?;
    }
    Ok(Entry { id })
}

fn captured(order: &Order, booking: &Booking<'_>, id: TransactionId, now: DateTime<Utc>) -> pb::PaymentCaptured {
    pb::PaymentCaptured {
        realm: order.realm.into(),
        store: order.store.into(),
        order: order.id.into(),
        customer: order.customer.into(),
        transaction: id.into(),
        amount: Some(booking.amount.into()),
        at: Some(timestamp(now)),
    }
}

fn refunded(order: &Order, booking: &Booking<'_>, id: TransactionId, now: DateTime<Utc>) -> pb::PaymentRefunded {
    pb::PaymentRefunded {
        realm: order.realm.into(),
        store: order.store.into(),
        order: order.id.into(),
        customer: order.customer.into(),
        transaction: id.into(),
        refund: booking.refund.map(|refund| refund.id.into()).unwrap_or_default(),
        amount: Some(booking.amount.into()),
        lines: booking.refund.iter().flat_map(|refund| refund.lines.iter().cloned().map(Into::into)).collect(),
        at: Some(timestamp(now)),
        notify: booking.refund.is_some_and(|refund| refund.notify),
    }
}
