//! Writes down what a gateway said: payment, ledger, order and events in one transaction, as often as one likes.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::{Clock, timestamp},
    ids::TransactionId,
    outbox,
};
use proto::orders::v1 as pb;

use super::{Move, Payment, Refusal, Verdict, store};
use crate::{
    error::Error,
    invoice::store::supersede,
    library::enter::enter_purchase,
    order::{self, Doer, Line, News, Order, PaymentStatus},
    subscription::settled,
    transaction::{store::sums, transaction::Told},
    voucher::release::release,
};

/// Settles `payment` as `verdict` says; the actor of `by` is who brought the order forward by it. Answers both as they
/// are then.
pub async fn settle(
    tx: &mut Tx,
    payment: &Payment,
    verdict: &Verdict,
    by: (&str, &Clock),
) -> Result<(Order, Payment), Error> {
    let (actor, clock) = by;
    let now = clock.now();
    let (mut order, mut payment) = store::lock(tx, payment.clone()).await?.ok_or(Error::PaymentNotFound)?;
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
    // An attempt beside an accepted invoice (OR-2): when it comes to nothing, the order is as it was.
    let is_beside = order.is_placed();
    let placed = match verdict.news() {
        Some(News::Failed) if is_beside => false,
        Some(News::Captured) if is_beside => {
            // Whatever became of the order meanwhile, the money has moved: what is paid follows from the sums.
            let sums = sums(tx, &order).await?;
            let captured = sums.captured + payment.amount.amount;
            let next = order.standing.payment.booked(order.totals.total, captured, sums.refunded);
            order.hear(News::Booked(next), now)?
        }
        Some(news) => order.hear(news, now)?,
        None => false,
    };
    let entry = entry(verdict, now);
    let settled = store::Settled {
        payment: &payment,
        order: &order,
        placed_by: placed.then_some(actor),
        entry: entry.as_ref(),
        now,
    };
    if is_beside && matches!(verdict, Verdict::Captured(_)) {
        supersede(tx, &order, now).await?;
    }
    let mut lines = store::save(tx, settled, clock).await?;
    if matches!(verdict, Verdict::Failed(_)) && !is_beside {
        release(tx, &order).await?;
    }
    if is_beside && matches!(verdict, Verdict::Captured(_)) {
        lines = order::store::lines(tx, &order).await?;
    }
    let planned: Vec<_> = lines.iter().filter(|line| line.plan.is_some()).cloned().collect();
    // Its lines are known when it was placed just now.
    let is_digital = !placed || lines.iter().any(|line| line.kind == "digital");
    if placed {
        outbox::publish(tx, &order.placed(lines));
    }
    match (verdict, entry) {
        (Verdict::Captured(_), Some(entry)) => outbox::publish(tx, &captured(&order, &payment, entry.id, now)),
        (Verdict::Failed(refusal), _) => outbox::publish(tx, &failed(&order, refusal, now)),
        _ => {}
    }
    if is_digital && matches!(verdict, Verdict::Captured(_)) && order.standing.payment == PaymentStatus::Paid {
        enter_purchase(tx, &order, (actor, now)).await?;
    }
    if is_beside && order.subscription.is_some() {
        // An invoice renewed its subscription when it was agreed; what comes next may have waited for it.
        if order.standing.payment == PaymentStatus::Paid {
            settled::go_on(tx, &order, now).await?;
        }
    } else {
        renewals(tx, (&mut order, &planned), (&payment, verdict), (actor, clock)).await?;
    }
    tracing::debug!(order.id = %order.id, actor, state = ?payment.state, "a payment was settled");
    Ok((order, payment))
}

/// What it means for subscriptions (OR-7): one is renewed or is not, or begins with each of the `planned` lines that were
/// placed just now and are paid.
async fn renewals(
    tx: &mut Tx,
    (order, planned): (&mut Order, &[Line]),
    (payment, verdict): (&Payment, &Verdict),
    (actor, clock): (&str, &Clock),
) -> Result<(), Error> {
    let doer = Doer { actor: actor.to_owned(), impersonator: String::new() };
    let paid = matches!(verdict, Verdict::Captured(_)) || order.totals.total == 0;
    if order.subscription.is_some() {
        settled::renew(tx, (order, payment), verdict, (&doer, clock)).await
    } else if paid && !planned.is_empty() {
        // What was agreed on invoice renews on invoice.
        let method = if payment.gateway == order.gateway { payment.method.as_str() } else { "" };
        settled::begin(tx, order, planned, (method, &doer, clock.now())).await
    } else {
        Ok(())
    }
}

/// What the ledger says of a verdict.
fn entry(verdict: &Verdict, now: DateTime<Utc>) -> Option<Told<'_>> {
    let id = TransactionId::new(now);
    match verdict {
        Verdict::Captured(reference) => Some(Told { id, succeeded: true, reference, description: "Payment taken" }),
        Verdict::Failed(refusal) => Some(Told { id, succeeded: false, reference: "", description: &refusal.message }),
        Verdict::Accepted | Verdict::Redirected => None,
    }
}

fn captured(order: &Order, payment: &Payment, transaction: TransactionId, now: DateTime<Utc>) -> pb::PaymentCaptured {
    pb::PaymentCaptured {
        realm: order.realm.into(),
        store: order.store.into(),
        order: order.id.into(),
        customer: order.customer.into(),
        transaction: transaction.into(),
        amount: Some(payment.amount.into()),
        at: Some(timestamp(now)),
    }
}

fn failed(order: &Order, refusal: &Refusal, now: DateTime<Utc>) -> pb::PaymentFailed {
    pb::PaymentFailed {
        realm: order.realm.into(),
        store: order.store.into(),
        order: order.id.into(),
        customer: order.customer.into(),
        reason: refusal.reason.clone(),
        at: Some(timestamp(now)),
    }
}
