//! Enters money that came outside of any gateway: all that is due, or a part of it (OR-2).
use chrono::{DateTime, Utc};
use kit::{Error as Kit, Tx, failure::Violation, ids::OrderId, money::Money};
use proto::orders::v1::MarkOrderPaidRequest;

use super::{Doer, Order, Status, words};
use crate::{
    error::Error,
    invoice::pay::refuse_underway,
    payment::{self, Gateway},
    transaction::{
        self, Entry, Manual, Method, Type,
        book::{Booking, book},
    },
};

/// Money that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkPaid {
    /// How much, in which currency; none for all that is due.
    pub amount: Option<(i64, String)>,
    /// How it came.
    pub manual: Manual,
}

impl MarkPaid {
    /// Reads a request from `ip`, naming every fault.
    pub fn parse(request: &MarkOrderPaidRequest, ip: &str) -> Result<(OrderId, Self), Error> {
        let order = request.id.parse().map_err(|_| Error::OrderNotFound)?;
        let mut faults = Vec::new();
        let amount = request.amount.as_ref().map(|amount| (amount.amount, amount.currency.clone()));
        if amount.as_ref().is_some_and(|(amount, _)| *amount <= 0) {
            faults.push(Violation::new("/amount/amount", "out_of_range", "more than nothing has come in"));
        }
        let manual = Manual {
            method: Method::parse(&request.method, &mut faults),
            reference: transaction::reference(&request.reference, &mut faults),
            reason: words::several("/note", &request.note, words::REASON, &mut faults),
            ip: ip.to_owned(),
        };
        if faults.is_empty() { Ok((order, Self { amount, manual })) } else { Err(Kit::Invalid(faults).into()) }
    }
}

/// Enters what came in for `order`, which is held.
pub async fn mark_paid(
    tx: &mut Tx,
    order: &mut Order,
    paid: MarkPaid,
    (doer, now): (&Doer, DateTime<Utc>),
) -> Result<Entry, Error> {
    if order.standing.status == Status::Cancelled {
        return Err(Error::OrderNotOpen);
    }
    refuse_underway(tx, order).await?;
    // What went back in between is not due again.
    let due = order.totals.total - transaction::store::sums(tx, order).await?.captured;
    if due <= 0 {
        return Err(Error::AlreadyPaid);
    }
    if paid.amount.as_ref().is_some_and(|(_, currency)| *currency != order.totals.currency.code()) {
        return Err(Error::CurrencyMismatch);
    }
    let amount = paid.amount.map_or(due, |(amount, _)| amount);
    if amount > due {
        return Err(Error::PaymentTooLarge(order.totals.money(due)));
    }
    let booking = Booking {
        kind: Type::Payment,
        succeeded: true,
        amount: Money::new(amount, order.totals.currency),
        gateway: Gateway::Manual,
        reference: paid.manual.reference.clone(),
        description: paid.manual.method.sentence().to_owned(),
        payment: None,
        refund: None,
    };
    let entry = book(tx, order, booking, (doer, now)).await?;
    transaction::store::explain(tx, order, (entry.id, &paid.manual), (doer, now)).await?;
    if amount == due {
        payment::store::close_invoice(tx, order, now).await?;
    }
    Ok(entry)
}
