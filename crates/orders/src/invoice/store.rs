//! All SQL of attempts to pay an invoice.
use chrono::{DateTime, Utc};
use kit::{Tx, clock::Clock};
use sqlx::{PgConnection, PgExecutor};

use super::Bill;
use crate::{
    error::Error,
    order::Order,
    payment::{Gateway, Payment},
    transaction,
};

/// What is due of `order`.
pub async fn bill(db: &mut PgConnection, order: Order) -> Result<Bill, Error> {
    let captured = transaction::store::sums(db, &order).await?.captured;
    let attempt = sqlx::query_as(
        "select * from payments where realm_id = $1 and order_id = $2 and gateway <> $3 order by attempt desc limit 1",
    );
    let attempt = attempt.bind(order.realm).bind(order.id).bind(Gateway::Manual).fetch_optional(db).await?;
    let due = order.totals.money(order.totals.total - captured);
    Ok(Bill { order, due, attempt })
}

/// The attempt at `order` that may still turn out either way.
pub async fn live(db: impl PgExecutor<'_>, order: &Order) -> Result<Option<Payment>, Error> {
    let live = sqlx::query_as(
        "select * from payments where realm_id = $1 and order_id = $2 and state in ('started', 'redirected')",
    );
    Ok(live.bind(order.realm).bind(order.id).fetch_optional(db).await?)
}

/// Adds an attempt, whose lease begins. Its order is held, and nobody is at work on it.
pub async fn start(tx: &mut Tx, payment: &Payment, clock: &Clock) -> Result<(), Error> {
    let start = sqlx::query(
        "insert into payments (realm_id, id, store_id, order_id, attempt, gateway, method, amount, currency, state,
           actor, ip, lease_until, created_at, updated_at)
         select $1, $2, $3, $4, coalesce(max(attempt), 0) + 1, $5, $6, $7, $8, $9, $10, $11,
           coalesce($12, statement_timestamp()) + $13, $14, $14
         from payments where realm_id = $1 and order_id = $4",
    );
    let start = start.bind(payment.realm).bind(payment.id).bind(payment.store).bind(payment.order);
    let start = start.bind(payment.gateway).bind(&payment.method).bind(payment.amount.amount);
    let start = start.bind(payment.amount.currency.code()).bind(payment.state).bind(&payment.actor).bind(&payment.ip);
    let start = start.bind(clock.shared()).bind(payment.state.lease()).bind(payment.created_at);
    start.execute(&mut **tx).await?;
    Ok(())
}

/// Notes that the invoice of `order` came to nothing, since it was paid by a gateway.
pub async fn supersede(tx: &mut Tx, order: &Order, now: DateTime<Utc>) -> Result<(), Error> {
    let supersede = sqlx::query(
        "update payments set state = 'failed', reason = 'paid_otherwise', message = 'It was paid in another way.',
           updated_at = $3
         where realm_id = $1 and order_id = $2 and state = 'accepted'",
    );
    supersede.bind(order.realm).bind(order.id).bind(now).execute(&mut **tx).await?;
    Ok(())
}
