//! What a payment that came to something means for subscriptions (OR-7): in its own transaction, so that a paid order and
//! what it begins are there together or not at all.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    actor::Kind,
    clock::Clock,
    ids::{CustomerId, LineId, OrderId, RealmId},
};

use super::{Setback, Subscription, renew::doer, store};
use crate::{
    error::Error,
    order::{Doer, Line, Order, cancel::cancel, store::lines},
    payment::{Gateway, Payment, Verdict},
    refund::{Refund, Returned, begin_restitution},
};

/// Why a renewal on invoice is past due.
const UNPAID: &str = "invoice_unpaid";

/// Begins one subscription for each of `lines`, of an order that is paid, once. What renews later is charged by `method`.
pub async fn begin(
    tx: &mut Tx,
    order: &Order,
    lines: &[Line],
    (method, doer, now): (&str, &Doer, DateTime<Utc>),
) -> Result<(), Error> {
    // Nobody goes on to pay who was erased before their invoice was (CU-15).
    if order.subscription.is_some() || store::is_gone(tx, order).await? {
        return Ok(());
    }
    for line in lines.iter().filter(|line| line.plan.is_some()) {
        let Some(new) = Subscription::begin(order, line, method, now) else {
            // The money has moved: the order is placed all the same.
            tracing::error!(order.id = %order.id, "a line cannot be renewed by its plan");
            continue;
        };
        if store::insert(tx, &new).await? {
            store::record(tx, &new, "started", (doer, now)).await?;
            new.tell_start(tx, now);
        }
    }
    Ok(())
}

/// Takes in what became of `payment` of `order`, a renewal.
pub async fn renew(
    tx: &mut Tx,
    (order, payment): (&mut Order, &Payment),
    verdict: &Verdict,
    (doer, clock): (&Doer, &Clock),
) -> Result<(), Error> {
    let now = clock.now();
    let Some(id) = order.subscription else { return Ok(()) };
    let Some(mut held) = store::hold(tx, order.realm, id).await? else { return Ok(()) };
    match verdict {
        Verdict::Captured(_) | Verdict::Accepted => {
            if !held.renewed(order.id, now) {
                return take_back(tx, order, (doer, clock)).await;
            }
            store::record(tx, &held, "renewed", (doer, now)).await?;
            held.tell_renewal(tx, order.id, (payment.amount, now));
        }
        Verdict::Failed(refusal) => {
            let Some(setback) = held.failed(order.id, refusal.is_of_gateway(), now) else {
                tracing::info!(subscription.id = %id, "a subscription could not be charged that does not go on");
                return Ok(());
            };
            fail(tx, &held, (order.id, &refusal.reason, setback), (doer, now)).await?;
        }
        Verdict::Redirected => return Ok(()),
    }
    store::save(tx, &held).await
}

/// The next period of `held` does not begin, since `unpaid` is an invoice of the one before that nobody paid. It is looked at
/// again as often as a card would be charged again, then it is over.
pub async fn hold_back(
    tx: &mut Tx,
    held: &mut Subscription,
    unpaid: OrderId,
    by: (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    let Some(setback) = held.overdue(by.1) else { return Ok(()) };
    fail(tx, held, (unpaid, UNPAID, setback), by).await
}

/// The invoice `order` of a renewal is paid: what waited for that goes on at once.
pub async fn go_on(tx: &mut Tx, order: &Order, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(id) = order.subscription else { return Ok(()) };
    let Some(mut held) = store::hold(tx, order.realm, id).await? else { return Ok(()) };
    if held.gateway == Gateway::Manual && held.retry(now).is_ok() {
        store::save(tx, &held).await?;
    }
    Ok(())
}

async fn fail(
    tx: &mut Tx,
    held: &Subscription,
    (order, reason, setback): (OrderId, &str, Setback),
    by: (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    match setback {
        Setback::Unreached => {}
        Setback::PastDue(again) => {
            store::record(tx, held, "declined", by).await?;
            held.tell_failure(tx, (order, reason), (again, by.1));
        }
        Setback::Expired => {
            store::record(tx, held, "expired", by).await?;
            held.tell_end(tx, by.1);
        }
    }
    Ok(())
}

/// It was cut off while it was charged: the renewal is called off, and what was paid goes back.
async fn take_back(tx: &mut Tx, order: &mut Order, by: (&Doer, &Clock)) -> Result<(), Error> {
    const WHY: &str = "The subscription had ended before this renewal was charged.";
    tracing::info!(order.id = %order.id, "a subscription was charged that does not go on");
    match Box::pin(cancel(tx, order, (WHY, true), by)).await {
        // Nothing of it is open any more, but for the money.
        Err(Error::OrderNotOpen) => drop(begin_restitution(tx, order, WHY, by).await?),
        begun => drop(begun?),
    }
    Ok(())
}

/// Cuts off what `order` began: it was called off.
pub async fn cut_off(tx: &mut Tx, order: &Order, by: (&Doer, DateTime<Utc>)) -> Result<(), Error> {
    let all = store::hold_of_order(tx, order.realm, order.id).await?;
    end(tx, all, by).await
}

/// Cuts off what does not go on to charge for what was taken back: what began with a line all of which went back by `refund`
/// of `order`, and, with `all`, when nothing is left of what was paid, with any line that was paid for.
pub async fn end_refunded(
    tx: &mut Tx,
    order: &Order,
    (refund, all): (Option<&Refund>, bool),
    by: (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    let mut held = store::hold_of_order(tx, order.realm, order.id).await?;
    if held.is_empty() {
        return Ok(());
    }
    let named: Vec<LineId> = refund.into_iter().flat_map(|refund| &refund.lines).map(Returned::line).collect();
    let is_back = |line: &Line| {
        let is_whole = named.contains(&line.id) && line.refunded >= line.quantity;
        is_whole || (all && line.subtotal > line.discount)
    };
    let back: Vec<LineId> = lines(tx, order).await?.iter().filter(|line| is_back(line)).map(|line| line.id).collect();
    held.retain(|held| back.contains(&held.line));
    end(tx, held, by).await
}

/// Cuts off whatever a customer has subscribed to: nobody is there any more.
pub async fn end_all(tx: &mut Tx, whose: (RealmId, CustomerId), now: DateTime<Utc>) -> Result<(), Error> {
    let all = store::hold_of_customer(tx, whose).await?;
    end(tx, all, (&doer(), now)).await
}

/// Lets rest whatever a customer has subscribed to, who is locked out: they could not end it themselves (ID-9). It goes on
/// when somebody says so.
pub async fn rest_all(tx: &mut Tx, whose: (RealmId, CustomerId), now: DateTime<Utc>) -> Result<(), Error> {
    for mut held in store::hold_of_customer(tx, whose).await? {
        if !held.rest(now) {
            continue;
        }
        store::save(tx, &held).await?;
        if held.state.is_over() {
            store::record(tx, &held, "ended", (&doer(), now)).await?;
            held.tell_end(tx, now);
        } else {
            store::record(tx, &held, "paused", (&doer(), now)).await?;
            held.tell_change(tx, ("paused", Kind::System), now);
        }
    }
    Ok(())
}

/// Ends `all` at once, as far as they are not over.
pub(super) async fn end(tx: &mut Tx, all: Vec<Subscription>, (doer, now): (&Doer, DateTime<Utc>)) -> Result<(), Error> {
    for mut held in all {
        if held.cut_off(now) {
            store::save(tx, &held).await?;
            store::record(tx, &held, "ended", (doer, now)).await?;
            held.tell_end(tx, now);
        }
    }
    Ok(())
}
