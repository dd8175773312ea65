//! How the ledger grows: it is appended to, nothing else.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::TransactionId,
};

use crate::{error::Error, payment::Payment};

/// Appends what became of `payment`: `reference` is the gateway's when the money came in, else empty.
pub async fn append(
    tx: &mut Tx,
    payment: &Payment,
    entry: Entry<'_>,
    now: DateTime<Utc>,
) -> Result<TransactionId, Error> {
    let id = TransactionId::new(now);
    sqlx::query(
        "insert into transactions (realm_id, id, store_id, order_id, payment_id, type, status, amount, currency,
           gateway, reference, description, created_at)
         values ($1, $2, $3, $4, $5, 'payment', $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(payment.realm)
    .bind(id)
    .bind(payment.store)
    .bind(payment.order)
    .bind(payment.id)
    .bind(if entry.succeeded { "succeeded" } else { "failed" })
    .bind(payment.amount.amount)
    .bind(payment.amount.currency.code())
    .bind(payment.gateway)
    .bind(entry.reference)
    .bind(entry.description)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// What is told of a payment in the ledger.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Whether money moved.
    pub succeeded: bool,
    /// The gateway's own name for it; may be empty.
    pub reference: &'a str,
    /// A sentence about it.
    pub description: &'a str,
}
