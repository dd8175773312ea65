//! All SQL of payments. Leases run by the clock that all processes share.
use kit::{
    Tx,
    clock::Clock,
    ids::{OrderId, RealmId},
    pool::Pool,
};
use sqlx::PgExecutor;

use super::{Payment, PaymentId, State};
use crate::error::Error;

/// Payments that one round of the reaper takes.
const ROUND: i64 = 20;

/// Adds a payment that was just started, as the next attempt at its order, which has to be locked. Its lease
/// begins.
pub async fn insert(tx: &mut Tx, payment: &Payment, clock: &Clock) -> Result<(), Error> {
    sqlx::query(
        "insert into payments (realm_id, id, store_id, order_id, attempt, gateway, method, amount, currency, state,
           actor, ip, lease_until, created_at, updated_at)
         select $1, $2, $3, $4, coalesce(max(attempt), 0) + 1, $5, $6, $7, $8, $9, $10, $11, $12,
           coalesce($14, statement_timestamp()) + $15, $13, $13
         from payments where realm_id = $1 and order_id = $4",
    )
    .bind(payment.realm)
    .bind(payment.id)
    .bind(payment.store)
    .bind(payment.order)
    .bind(payment.gateway)
    .bind(&payment.method)
    .bind(payment.amount.amount)
    .bind(payment.amount.currency.code())
    .bind(payment.state)
    .bind(&payment.actor)
    .bind(&payment.ip)
    .bind(payment.created_at)
    .bind(clock.shared())
    .bind(payment.state.lease())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The newest payment of an order.
pub async fn latest(db: impl PgExecutor<'_>, realm: RealmId, order: OrderId) -> Result<Option<Payment>, Error> {
    let latest =
        sqlx::query_as("select * from payments where realm_id = $1 and order_id = $2 order by attempt desc limit 1");
    Ok(latest.bind(realm).bind(order).fetch_optional(db).await?)
}

/// A payment of any realm: for who holds its secret.
pub async fn find_anywhere(db: impl PgExecutor<'_>, id: PaymentId) -> Result<Option<Payment>, Error> {
    Ok(sqlx::query_as("select * from payments where id = $1").bind(id).fetch_optional(db).await?)
}

/// A payment, held until the transaction ends.
pub async fn lock(tx: &mut Tx, realm: RealmId, id: PaymentId) -> Result<Option<Payment>, Error> {
    let payment = sqlx::query_as("select * from payments where realm_id = $1 and id = $2 for update");
    Ok(payment.bind(realm).bind(id).fetch_optional(&mut **tx).await?)
}

/// Writes what changes of a payment; the lease of its state begins.
pub async fn save(tx: &mut Tx, payment: &Payment, clock: &Clock) -> Result<(), Error> {
    sqlx::query(
        "update payments set state = $3, reason = $4, message = $5,
           lease_until = coalesce($6, statement_timestamp()) + $7, updated_at = $8
         where realm_id = $1 and id = $2",
    )
    .bind(payment.realm)
    .bind(payment.id)
    .bind(payment.state)
    .bind(payment.refusal.as_ref().map(|refusal| &refusal.reason))
    .bind(payment.refusal.as_ref().map(|refusal| &refusal.message))
    .bind(clock.shared())
    .bind(payment.state.lease())
    .bind(clock.now())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes over payments whose time is up, each for one lease, so that no two reapers ask about the same.
pub async fn take_over(pool: &Pool, clock: &Clock) -> Result<Vec<Payment>, Error> {
    let due = sqlx::query_as(
        "update payments p set lease_until = coalesce($1, statement_timestamp()) + $2
         from (select realm_id, id from payments
               where state in ('started', 'redirected') and lease_until <= coalesce($1, statement_timestamp())
               order by lease_until limit $3 for update skip locked) as due
         where p.realm_id = due.realm_id and p.id = due.id returning p.*",
    );
    Ok(due.bind(clock.shared()).bind(State::Started.lease()).bind(ROUND).fetch_all(pool).await?)
}
