//! Writes down what a gateway said: payment, ledger, order and events in one transaction, as often as one likes.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::{Clock, timestamp},
    outbox,
};
use proto::orders::v1 as pb;

use super::{Move, Payment, Verdict, store};
use crate::{
    error::Error,
    order::{self, News, Order},
    transaction::store::{Entry, append},
};

/// Settles `payment` as `verdict` says; `actor` is who brought the order forward by it. Answers both as they are then.
pub async fn settle(
    tx: &mut Tx,
    payment: &Payment,
    verdict: &Verdict,
    by: (&str, &Clock),
) -> Result<(Order, Payment), Error> {
    let (actor, clock) = by;
    let now = clock.now();
    let mut order = order::store::lock(tx, payment.realm, payment.order).await?.ok_or(Error::OrderNotFound)?;
    let mut payment = store::lock(tx, payment.realm, payment.id).await?.ok_or(Error::PaymentNotFound)?;
    payment.state = match payment.state.after(verdict) {
        Move::To(state) => state,
        Move::Stay => return Ok((order, payment)),
        Move::Contradiction => {
            let detail = format!("{} is {:?} and its gateway says {verdict:?}", payment.id, payment.state);
            return Err(kit::Error::Internal(detail).into());
        }
    };
    if let Verdict::Failed(refusal) = verdict {
        payment.refusal = Some(refusal.clone());
    }
    store::save(tx, &payment, clock).await?;
    if let Some(news) = verdict.news() {
        advance(tx, &mut order, news, (actor, now)).await?;
    }
    match verdict {
        Verdict::Captured(reference) => captured(tx, &order, &payment, reference, now).await?,
        Verdict::Failed(refusal) => failed(tx, &order, &payment, (&refusal.reason, &refusal.message), now).await?,
        Verdict::Accepted | Verdict::Redirected => {}
    }
    tracing::debug!(order.id = %order.id, actor, state = ?payment.state, "a payment was settled");
    Ok((order, payment))
}

/// The order hears of it; it may be placed by that.
async fn advance(tx: &mut Tx, order: &mut Order, news: News, by: (&str, DateTime<Utc>)) -> Result<(), Error> {
    let (actor, now) = by;
    let placed = order.hear(news, now)?;
    order::store::save(tx, order).await?;
    if placed {
        order::store::remember(tx, order, actor, now).await?;
        let lines = order::store::lines(tx, order.realm, order.id).await?;
        outbox::publish(tx, &order.placed(lines));
    }
    Ok(())
}

async fn captured(
    tx: &mut Tx,
    order: &Order,
    payment: &Payment,
    reference: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let entry = Entry { succeeded: true, reference, description: "Payment taken" };
    let transaction = append(tx, payment, entry, now).await?;
    let event = pb::PaymentCaptured {
        realm: order.realm.into(),
        store: order.store.into(),
        order: order.id.into(),
        customer: order.customer.into(),
        transaction: transaction.into(),
        amount: Some(payment.amount.into()),
        at: Some(timestamp(now)),
    };
    outbox::publish(tx, &event);
    Ok(())
}

async fn failed(
    tx: &mut Tx,
    order: &Order,
    payment: &Payment,
    (reason, message): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    append(tx, payment, Entry { succeeded: false, reference: "", description: message }, now).await?;
    let event = pb::PaymentFailed {
        realm: order.realm.into(),
        store: order.store.into(),
        order: order.id.into(),
        reason: reason.to_owned(),
        at: Some(timestamp(now)),
    };
    outbox::publish(tx, &event);
    Ok(())
}
