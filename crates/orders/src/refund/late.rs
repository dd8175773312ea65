//! A refund that fails after all: its gateway had said that the money went back, and days later the card's bank did not take
//! it (OR-3, OR-5). What went back is in the store's account again, and can be given back anew.
use chrono::{DateTime, Utc};
use kit::{Tx, clock::timestamp, ids::TransactionId, outbox};
use proto::orders::v1::RefundFailed;

use super::{
    Answer, Refund, State,
    settle::settle,
    store,
    theirs::{Step, Theirs, steps},
};
use crate::{
    error::Error,
    order::{
        Doer, News, Order,
        store::{record, save},
    },
    payment::{Payment, Refusal},
    transaction::{
        self, Type,
        book::{Booking, book},
    },
};

/// Why it did not go back in the end.
fn refusal() -> Refusal {
    Refusal::new("failed_later", "The customer's bank did not take the money; it is in the store's account again.")
}

/// Brings the ledger of `payment`, whose order is held, to what its gateway says of `theirs`, the oldest first: once, however
/// often and in whatever order it is told.
pub async fn compare(
    tx: &mut Tx,
    (order, payment): (&mut Order, &Payment),
    theirs: &[Theirs],
    by: (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    let mut by_hand = Vec::new();
    for one in theirs {
        let ours = match one.refund {
            Some(id) => store::lock_of(tx, payment, id).await?,
            None => None,
        };
        match ours {
            Some(refund) if one.failed => fail_late(tx, (order, payment), (refund, &one.reference), by).await?,
            // Whoever asked for it writes down that it was made.
            Some(_) => {}
            None => by_hand.push(one.clone()),
        }
    }
    let entries = transaction::store::back_of(tx, payment).await?;
    for (one, step) in steps(&by_hand, &entries) {
        match step {
            Step::Book | Step::Miss => given_by_hand(tx, (order, payment), one, by).await?,
            Step::TakeBack(amount) => take_back(tx, (order, payment), (None, amount, &one.reference), by).await?,
        }
    }
    Ok(())
}

/// Books what was given back at the gateway by hand; what has failed already does not count.
async fn given_by_hand(
    tx: &mut Tx,
    (order, payment): (&mut Order, &Payment),
    one: &Theirs,
    by: (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    let description = if one.failed { refusal().message } else { "Given back at Stripe".to_owned() };
    let booking = Booking {
        kind: Type::Refund,
        succeeded: !one.failed,
        amount: order.totals.money(one.amount),
        gateway: payment.gateway,
        reference: one.reference.clone(),
        description,
        payment: Some(payment.id),
        refund: None,
    };
    book(tx, order, booking, by).await?;
    Ok(())
}

/// Takes in that `refund` of `payment` has failed. Library entries that it took away stay away: staff decide how the money
/// goes back otherwise.
async fn fail_late(
    tx: &mut Tx,
    (order, payment): (&mut Order, &Payment),
    (mut refund, reference): (Refund, &str),
    by: (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    match refund.state {
        State::Started => settle(tx, order, (refund, &Answer::Refused(refusal())), by.1).await.map(|_| ()),
        State::Succeeded => {
            refund.state = State::Failed;
            store::decide(tx, &refund, &Answer::Refused(refusal()), by.1).await?;
            store::count_units(tx, order, &refund.lines, false).await?;
            let amount = refund.amount.amount;
            take_back(tx, (order, payment), (Some(&refund), amount, reference), by).await
        }
        State::Failed => Ok(()),
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
