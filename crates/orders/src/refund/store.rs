//! All SQL of refunds. Leases run by the clock that all processes share.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{Tx, clock::Clock, pool::Pool};
use sqlx::{PgConnection, types::Json};

use super::{Answer, Refund, RefundId, Returned, State};
use crate::{error::Error, order::Order, payment::Payment};

/// How long a refund belongs to whoever started it: longer than a call to a gateway may take.
const LEASE: TimeDelta = TimeDelta::seconds(12);
/// Refunds that one round of the reaper takes.
const ROUND: i64 = 20;

/// What is underway or done of an order's refunds.
#[derive(Clone, Copy, Debug, Default, sqlx::FromRow)]
pub struct Underway {
    /// How much is about to go back.
    pub started: i64,
    /// How much went back for shipping, or is about to.
    pub shipping: i64,
    /// How much went back through the gateway of the order's payment, or is about to.
    pub through_gateway: i64,
}

/// What is underway of the refunds of `order`.
pub async fn underway(db: &mut PgConnection, order: &Order) -> Result<Underway, Error> {
    let sums = sqlx::query_as(
        "select coalesce(sum(amount) filter (where state = 'started'), 0)::bigint as started,
           coalesce(sum(shipping), 0)::bigint as shipping,
           coalesce(sum(amount) filter (where payment_id is not null), 0)::bigint as through_gateway
         from refunds where realm_id = $1 and order_id = $2 and state <> 'failed'",
    );
    Ok(sums.bind(order.realm).bind(order.id).fetch_one(db).await?)
}

/// Adds a refund, whose lease begins.
pub async fn insert(tx: &mut Tx, refund: &Refund, clock: &Clock) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into refunds (realm_id, id, store_id, order_id, payment_id, gateway, method, amount, currency, shipping,
           lines, state, reason, notify, actor, impersonator, lease_until, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
           coalesce($17, statement_timestamp()) + $18, $19, $19)",
    );
    let sql = sql.bind(refund.realm).bind(refund.id).bind(refund.store).bind(refund.order).bind(refund.payment);
    let sql = sql.bind(refund.gateway).bind(&refund.method).bind(refund.amount.amount);
    let sql = sql.bind(refund.amount.currency.code()).bind(refund.shipping).bind(Json(&refund.lines));
    let sql = sql.bind(refund.state).bind(&refund.reason).bind(refund.notify).bind(&refund.actor);
    let sql = sql.bind(&refund.impersonator).bind(clock.shared()).bind(LEASE).bind(refund.created_at);
    sql.execute(&mut **tx).await?;
    Ok(())
}

/// Counts the units of `lines` as taken back, or as not taken back after all.
pub async fn count_units(tx: &mut Tx, order: &Order, lines: &[Returned], back: bool) -> Result<(), Error> {
    let sign = if back { 1 } else { -1 };
    sqlx::query(
        "update order_lines l set refunded = l.refunded + n.quantity
         from unnest($3::uuid[], $4::bigint[]) as n (line, quantity)
         where l.realm_id = $1 and l.order_id = $2 and l.id = n.line",
    )
    .bind(order.realm)
    .bind(order.id)
    .bind(lines.iter().map(|line| line.line().uuid()).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| sign * i64::from(line.quantity)).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// `refund` as it is now, held until the transaction ends. Its order is held before it.
pub async fn lock(tx: &mut Tx, refund: &Refund) -> Result<Option<Refund>, Error> {
    let locked = sqlx::query_as("select * from refunds where realm_id = $1 and id = $2 for update");
    Ok(locked.bind(refund.realm).bind(refund.id).fetch_optional(&mut **tx).await?)
}

/// The refund `id` of `payment`, held in the same way.
pub async fn lock_of(tx: &mut Tx, payment: &Payment, id: RefundId) -> Result<Option<Refund>, Error> {
    let locked = sqlx::query_as("select * from refunds where realm_id = $1 and id = $2 and payment_id = $3 for update");
    Ok(locked.bind(payment.realm).bind(id).bind(payment.id).fetch_optional(&mut **tx).await?)
}

/// Writes down what became of `refund`.
pub async fn decide(tx: &mut Tx, refund: &Refund, answer: &Answer, now: DateTime<Utc>) -> Result<(), Error> {
    let refusal = match answer {
        Answer::Refused(refusal) => Some(refusal),
        Answer::Returned(_) => None,
    };
    sqlx::query(
        "update refunds set state = $3, failure = $4, message = $5, updated_at = $6 where realm_id = $1 and id = $2",
    )
    .bind(refund.realm)
    .bind(refund.id)
    .bind(refund.state)
    .bind(refusal.map(|refusal| &refusal.reason))
    .bind(refusal.map(|refusal| &refusal.message))
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes over refunds whose time is up, each for one lease, so that no two reapers ask about the same.
pub async fn take_over(pool: &Pool, clock: &Clock) -> Result<Vec<Refund>, Error> {
    let due = sqlx::query_as(
        "update refunds r set lease_until = coalesce($1, statement_timestamp()) + $2
         from (select realm_id, id from refunds
               where state = 'started' and lease_until <= coalesce($1, statement_timestamp())
               order by lease_until limit $3 for update skip locked) as due
         where r.realm_id = due.realm_id and r.id = due.id returning r.*",
    );
    Ok(due.bind(clock.shared()).bind(LEASE).bind(ROUND).fetch_all(pool).await?)
}

/// How a refund stands: with its message if it failed.
pub async fn standing(pool: &Pool, refund: &Refund) -> Result<(State, Option<String>), Error> {
    let standing = sqlx::query_as("select state, message from refunds where realm_id = $1 and id = $2");
    Ok(standing.bind(refund.realm).bind(refund.id).fetch_one(pool).await?)
}
