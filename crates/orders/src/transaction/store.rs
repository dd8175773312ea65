//! All SQL of the ledger, but for its list. Nothing here changes what is written.
use chrono::{DateTime, Utc};
use kit::{Tx, ids::TransactionId};
use sqlx::PgConnection;

use super::{Manual, Sums, book::Booking};
use crate::{
    error::Error,
    order::{Doer, Order},
    payment::Payment,
    refund::theirs::Booked,
};

/// What the entries of `order` come to.
pub async fn sums(db: &mut PgConnection, order: &Order) -> Result<Sums, Error> {
    let sums = sqlx::query_as(
        "select coalesce(sum(amount) filter (where type in ('payment', 'capture')), 0)::bigint as captured,
           coalesce(sum(amount) filter (where type = 'refund'), 0)::bigint as refunded
         from transactions where realm_id = $1 and order_id = $2 and status = 'succeeded'",
    );
    Ok(sums.bind(order.realm).bind(order.id).fetch_one(db).await?)
}

/// Appends an entry about `order`.
pub async fn append(
    tx: &mut Tx,
    order: &Order,
    (id, booking): (TransactionId, &Booking<'_>),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "insert into transactions (realm_id, id, store_id, order_id, payment_id, type, status, amount, currency, gateway,
           reference, description, created_at, refund_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(order.realm)
    .bind(id)
    .bind(order.store)
    .bind(order.id)
    .bind(booking.payment)
    .bind(booking.kind)
    .bind(if booking.succeeded { "succeeded" } else { "failed" })
    .bind(booking.amount.amount)
    .bind(booking.amount.currency.code())
    .bind(booking.gateway)
    .bind(&booking.reference)
    .bind(&booking.description)
    .bind(now)
    .bind(booking.refund.map(|refund| refund.id))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keeps what staff say of an entry, apart from it.
pub async fn explain(
    tx: &mut Tx,
    order: &Order,
    (entry, manual): (TransactionId, &Manual),
    (doer, now): (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    sqlx::query(
        "insert into manual_entries
           (realm_id, transaction_id, order_id, method, reason, actor, ip, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(order.realm)
    .bind(entry)
    .bind(order.id)
    .bind(manual.method)
    .bind(&manual.reason)
    .bind(&doer.actor)
    .bind(&manual.ip)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How much of `payment` has gone back, or is about to.
pub async fn back_through(tx: &mut Tx, payment: &Payment) -> Result<i64, Error> {
    let back = sqlx::query_scalar(
        "select (select coalesce(sum(amount), 0)::bigint from transactions
                 where realm_id = $1 and order_id = $2 and payment_id = $3 and type = 'refund' and status = 'succeeded')
              + (select coalesce(sum(amount), 0)::bigint from refunds
                 where realm_id = $1 and order_id = $2 and payment_id = $3 and state = 'started')",
    );
    let back: i64 = back.bind(payment.realm).bind(payment.order).bind(payment.id).fetch_one(&mut **tx).await?;
    Ok(back)
}

/// All that the ledger says of what went back of `payment`.
pub async fn back_of(tx: &mut Tx, payment: &Payment) -> Result<Vec<Booked>, Error> {
    let back = sqlx::query_as(
        "select reference, amount, status = 'succeeded' as succeeded from transactions
         where realm_id = $1 and order_id = $2 and payment_id = $3 and type = 'refund' order by position",
    );
    Ok(back.bind(payment.realm).bind(payment.order).bind(payment.id).fetch_all(&mut **tx).await?)
}
