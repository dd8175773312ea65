//! All SQL of the ledger: it is read and appended to, nothing else.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{RealmId, TransactionId},
};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::Transaction;
use crate::{error::Error, order, payment::Payment};

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

/// The entries of several orders, oldest first.
pub async fn of_orders(db: &mut PgConnection, realm: RealmId, orders: &[Uuid]) -> Result<Vec<Transaction>, Error> {
    let sql = format!(
        "select t.*, coalesce(p.ip, '') as ip from transactions t
         left join payments p on p.realm_id = t.realm_id and p.id = t.payment_id
         where t.realm_id = $1 and t.{} order by t.order_id, t.position",
        order::store::of_orders(orders)
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(realm).bind(orders).fetch_all(db).await?)
}
