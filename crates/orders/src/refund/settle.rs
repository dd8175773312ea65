//! Writes down what a gateway said of a refund: refund, ledger, order and event.
use chrono::{DateTime, Utc};
use kit::Tx;

use super::{Answer, Refund, State, store};
use crate::{
    error::Error,
    order::{
        Doer, News, Order,
        fulfil::fulfilment,
        store::{lines, record, save},
    },
    payment::Gateway,
    transaction::{
        Type,
        book::{Booking, book},
    },
};

/// Settles `refund` of `order`, both of which are held, as `answer` says; false when it was settled before.
pub async fn settle(
    tx: &mut Tx,
    order: &mut Order,
    (mut refund, answer): (Refund, &Answer),
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let Some(state) = refund.state.after(answer) else { return Ok(false) };
    refund.state = state;
    store::decide(tx, &refund, answer, now).await?;
    let doer = Doer { actor: refund.actor.clone(), impersonator: refund.impersonator.clone() };
    if state == State::Failed {
        store::count_units(tx, order, &refund.lines, false).await?;
    }
    book(tx, order, booking(&refund, answer), (&doer, now)).await?;
    if state == State::Succeeded {
        deliver(tx, order, (&doer, now)).await?;
    }
    Ok(true)
}

/// What the ledger says of it.
fn booking<'a>(refund: &'a Refund, answer: &Answer) -> Booking<'a> {
    let (reference, description) = match answer {
        Answer::Returned(reference) if refund.amount.amount == 0 => (reference.clone(), "Taken back; it was free"),
        Answer::Returned(reference) if refund.gateway == Gateway::Manual => {
            (reference.clone(), "Refund by other means")
        }
        Answer::Returned(reference) => (reference.clone(), "Refund"),
        Answer::Refused(refusal) => (String::new(), &*refusal.message),
    };
    Booking {
        kind: Type::Refund,
        succeeded: refund.state == State::Succeeded,
        amount: refund.amount,
        gateway: refund.gateway,
        reference,
        description: description.to_owned(),
        payment: refund.payment,
        refund: Some(refund),
    }
}

/// With what was not sent taken back, all of the rest may have left the house.
async fn deliver(tx: &mut Tx, order: &mut Order, by: (&Doer, DateTime<Utc>)) -> Result<(), Error> {
    let next = fulfilment(&lines(tx, order).await?);
    if next != order.standing.fulfilment && order.hear_quietly(News::Shipped(next), by.1) {
        record(tx, order, "shipment", by).await?;
        save(tx, order).await?;
    }
    Ok(())
}
