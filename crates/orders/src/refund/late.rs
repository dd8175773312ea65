//! A refund that fails after all: its gateway had said that the money went back, and days later the card's bank did not take
//! it (OR-3, OR-5). What went back is in the store's account again, and can be given back anew.
use chrono::{DateTime, Utc};
use kit::{Tx, clock::timestamp, ids::TransactionId, outbox};
use proto::orders::v1::RefundFailed;

use super::{Answer, Refund, RefundId, State, settle::settle, store};
use crate::{
    error::Error,
    order::{
        Doer, News, Order,
        store::{record, save},
    },
    payment::{Payment, Refusal},
    transaction::{self, Type, book::Booking},
};

/// What the gateway says of a refund that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// Which of ours, if it is one.
    pub refund: Option<RefundId>,
    /// How much did not go back, in minor units.
    pub amount: i64,
    /// What the gateway calls it.
    pub reference: String,
}

/// Why it did not go back in the end.
fn refusal() -> Refusal {
    Refusal::new("failed_later", "The customer's bank did not take the money; it is in the store's account again.")
}

/// Takes in that a refund of `payment`, whose order is held, has `failed`; once, however often it is told. Library entries
/// that it took away stay away: staff decide how the money goes back otherwise.
pub async fn fail_late(
    tx: &mut Tx,
    (order, payment): (&mut Order, &Payment),
    failed: &Late,
    by: (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    let ours = match failed.refund {
        Some(id) => store::lock_of(tx, payment, id).await?,
        None => None,
    };
    match ours {
        Some(refund) if refund.state == State::Started => {
            settle(tx, order, (refund, &Answer::Refused(refusal())), by.1).await?;
            Ok(())
        }
        Some(mut refund) if refund.state == State::Succeeded => {
            refund.state = State::Failed;
            store::decide(tx, &refund, &Answer::Refused(refusal()), by.1).await?;
            store::count_units(tx, order, &refund.lines, false).await?;
            let amount = refund.amount.amount;
            take_back(tx, (order, payment), (Some(&refund), amount, &failed.reference), by).await
        }
        Some(_) => Ok(()),
        None => {
            // Given back at the gateway by hand, and booked from what it told of that.
            let booked = transaction::store::back_through(tx, payment).await?;
            let is_known = transaction::store::is_taken_back(tx, payment, &failed.reference).await?;
            if is_known || failed.amount > booked {
                return Ok(());
            }
            take_back(tx, (order, payment), (None, failed.amount, &failed.reference), by).await
        }
    }
}

/// Books that money came back that had gone back: a refund of less than nothing.
async fn take_back(
    tx: &mut Tx,
    (order, payment): (&mut Order, &Payment),
    (refund, amount, reference): (Option<&Refund>, i64, &str),
    (doer, now): (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    let id = TransactionId::new(now);
    let booking = Booking {
        kind: Type::Refund,
        succeeded: true,
        amount: order.totals.money(-amount),
        gateway: payment.gateway,
        reference: reference.to_owned(),
        description: "Refund failed: the money came back".to_owned(),
        payment: Some(payment.id),
        refund,
    };
    transaction::store::append(tx, order, (id, &booking), now).await?;
    let sums = transaction::store::sums(tx, order).await?;
    let next = order.standing.payment.booked(order.totals.total, sums.captured, sums.refunded);
    if !order.hear_quietly(News::Unreturned(next), now) {
        let detail = format!("{} stands at {:?} and its sums say {next:?}", order.id, order.standing);
        return Err(kit::Error::Internal(detail).into());
    }
    record(tx, order, "refund_failed", (doer, now)).await?;
    save(tx, order).await?;
    let event = RefundFailed {
        realm: order.realm.into(),
        store: order.store.into(),
        order: order.id.into(),
        customer: order.customer.into(),
        transaction: id.into(),
        refund: refund.map(|refund| refund.id.into()).unwrap_or_default(),
        amount: Some(order.totals.money(amount).into()),
        at: Some(timestamp(now)),
    };
    outbox::publish(tx, &event);
    Ok(())
}
