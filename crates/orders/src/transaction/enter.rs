//! Makes an entry by hand, with its reason (OR-4).
use chrono::{DateTime, Utc};
use kit::{Error as Kit, Tx, failure::Violation, ids::OrderId, money::Money};
use proto::orders::v1::EnterTransactionRequest;

use super::{
    Entry, Manual, Method, Type,
    book::{Booking, book},
    reference, store,
};
use crate::{
    error::Error,
    invoice::pay::refuse_underway,
    order::{Doer, Order, cancel::left, words},
    payment::{self, Gateway},
};

/// Most minor units of an entry: sums of any number of them still fit.
const LARGEST: i64 = 999_999_999_999;

/// An entry to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enter {
    /// What about.
    pub kind: Type,
    /// How much, more than nothing.
    pub amount: i64,
    /// Of which currency.
    pub currency: String,
    /// What is said of it.
    pub manual: Manual,
}

impl Enter {
    /// Reads a request from `ip`, naming every fault.
    pub fn parse(request: &EnterTransactionRequest, ip: &str) -> Result<(OrderId, Self), Error> {
        let order = request.order.parse().map_err(|_| Error::OrderNotFound)?;
        let mut faults = Vec::new();
        let kind = Type::ALL.into_iter().find(|kind| kind.slug() == request.r#type);
        if kind.is_none() {
            let detail = "one of authorization, capture, payment, refund, void";
            faults.push(Violation::new("/type", "unknown", detail));
        }
        let amount = request.amount.clone().unwrap_or_default();
        if !(1..=LARGEST).contains(&amount.amount) {
            let detail = format!("from 1 to {LARGEST} minor units");
            faults.push(Violation::new("/amount/amount", "out_of_range", detail));
        }
        let manual = Manual {
            method: Method::parse(&request.method, &mut faults),
            reference: reference(&request.reference, &mut faults),
            reason: words::needed("/reason", &request.reason, &mut faults),
            ip: ip.to_owned(),
        };
        match kind {
            Some(kind) if faults.is_empty() => {
                Ok((order, Self { kind, amount: amount.amount, currency: amount.currency, manual }))
            }
            _ => Err(Kit::Invalid(faults).into()),
        }
    }
}

/// Enters `input` for `order`, which is held. No more is refunded by hand than came in and is not about to go back.
pub async fn enter(
    tx: &mut Tx,
    order: &mut Order,
    input: Enter,
    (doer, now): (&Doer, DateTime<Utc>),
) -> Result<Entry, Error> {
    if input.currency != order.totals.currency.code() {
        return Err(Error::CurrencyMismatch);
    }
    refuse_underway(tx, order).await?;
    if input.kind == Type::Refund {
        let left = left(tx, order).await?;
        if input.amount > left {
            return Err(Error::RefundTooLarge(order.totals.money(left.max(0))));
        }
    }
    let booking = Booking {
        kind: input.kind,
        succeeded: true,
        amount: Money::new(input.amount, order.totals.currency),
        gateway: Gateway::Manual,
        reference: input.manual.reference.clone(),
        description: input.manual.method.sentence().to_owned(),
        payment: None,
        refund: None,
    };
    let entry = book(tx, order, booking, (doer, now)).await?;
    store::explain(tx, order, (entry.id, &input.manual), (doer, now)).await?;
    if store::sums(tx, order).await?.captured >= order.totals.total {
        payment::store::close_invoice(tx, order, now).await?;
    }
    Ok(entry)
}
