//! All SQL of payments. Leases run by the clock that all processes share.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::Clock,
    ids::{CustomerId, OrderId, RealmId},
    pool::Pool,
};
use sqlx::PgExecutor;

use super::{Payment, PaymentId, Refusal, State};
use crate::{
    error::Error,
    order::{Line, Order},
    transaction::transaction::Told,
};

/// Payments that one round of the reaper takes.
const ROUND: i64 = 20;

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

/// `payment` as it is now, with its order: both held until the transaction ends. The order comes first, as wherever both are
/// held, so that nobody waits for each other.
pub async fn lock(tx: &mut Tx, mut payment: Payment) -> Result<Option<(Order, Payment)>, Error> {
    #[derive(sqlx::FromRow)]
    struct Held {
        #[sqlx(flatten)]
        order: Order,
        payment_state: State,
        reason: Option<String>,
        message: Option<String>,
        method: String,
    }
    let held: Option<Held> = sqlx::query_as(
        "with held as materialized (select * from orders where realm_id = $1 and id = $3 for update)
         select o.*, p.state as payment_state, p.reason, p.message, p.method
         from held o join payments p on p.realm_id = o.realm_id and p.order_id = o.id
         where p.realm_id = $1 and p.id = $2 for update of p",
    )
    .bind(payment.realm)
    .bind(payment.id)
    .bind(payment.order)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(held) = held else { return Ok(None) };
    payment.state = held.payment_state;
    // On a page of its gateway's it is known by now.
    payment.method = held.method;
    payment.refusal = held.reason.zip(held.message).map(|(reason, message)| Refusal { reason, message });
    Ok(Some((held.order, payment)))
}

/// What a verdict did, to be written down.
#[derive(Clone, Copy, Debug)]
pub struct Settled<'a> {
    /// The payment in its new state.
    pub payment: &'a Payment,
    /// Its order.
    pub order: &'a Order,
    /// Who placed it by that, kind and id; none when it was not placed just now.
    pub placed_by: Option<&'a str>,
    /// What the ledger says of it.
    pub entry: Option<&'a Told<'a>>,
    /// When: the same moment that the events tell of.
    pub now: DateTime<Utc>,
}

/// Writes what changes of a payment, whose lease begins anew, and of its order, history and ledger. Answers the lines of
/// an order that was placed by that.
pub async fn save(tx: &mut Tx, settled: Settled<'_>, clock: &Clock) -> Result<Vec<Line>, Error> {
    let sql = sqlx::query_as(
        "with paid as (
           update payments set state = $3, reason = $4, message = $5,
             lease_until = coalesce($6, statement_timestamp()) + $7, updated_at = $8
           where realm_id = $1 and id = $2),
         forgotten as (
           update stripe_payments set client_secret = null
           where store_id = $17 and payment_id = $2 and client_secret is not null and $3 not in ('started', 'redirected')),
         brought as (
           update orders set status = $10, payment_status = $11, version = $12, placed_at = $13, updated_at = $14
           where realm_id = $1 and id = $9 and version <> $12),
         history as (
           insert into order_history (realm_id, order_id, position, status, actor, at)
           select $1, $9, coalesce(max(position), 0) + 1, $10, $15, $8
           from order_history where realm_id = $1 and order_id = $9 having $15 is not null),
         entry as (
           insert into transactions (realm_id, id, store_id, order_id, payment_id, type, status, amount, currency,
             gateway, reference, description, created_at)
           select $1, $16, $17, $9, $2, 'payment', $18, $19, $20, $21, $22, $23, $8 where $16 is not null)
         select * from order_lines where $15 is not null and realm_id = $1 and order_id = $9 order by position",
    );
    let Settled { payment, order, placed_by, entry, now } = settled;
    let sql = sql.bind(payment.realm).bind(payment.id).bind(payment.state);
    let sql = sql
        .bind(payment.refusal.as_ref().map(|refusal| &refusal.reason))
        .bind(payment.refusal.as_ref().map(|refusal| &refusal.message));
    let sql = sql.bind(clock.shared()).bind(payment.state.lease()).bind(now);
    let sql = sql.bind(order.id).bind(order.standing.status).bind(order.standing.payment);
    let sql = sql.bind(order.version).bind(order.placed_at).bind(order.updated_at).bind(placed_by);
    let sql = sql.bind(entry.map(|entry| entry.id)).bind(payment.store);
    let sql = sql.bind(entry.map(|entry| if entry.succeeded { "succeeded" } else { "failed" }));
    let sql = sql.bind(payment.amount.amount).bind(payment.amount.currency.code()).bind(payment.gateway);
    let sql = sql.bind(entry.map(|entry| entry.reference)).bind(entry.map(|entry| entry.description));
    Ok(sql.fetch_all(&mut **tx).await?)
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

/// How many payments of a customer are on their way.
pub async fn count_open(pool: &Pool, realm: RealmId, customer: CustomerId) -> Result<i64, sqlx::Error> {
    let count = "select count(*) from orders o join payments p on p.realm_id = o.realm_id and p.order_id = o.id
                 where o.realm_id = $1 and o.customer_id = $2
                   and p.state in ('started', 'redirected')";
    sqlx::query_scalar(count).bind(realm).bind(customer).fetch_one(pool).await
}

/// Notes that the invoice of `order` is paid, if it was agreed on one.
pub async fn close_invoice(tx: &mut Tx, order: &Order, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query(
        "update payments set state = 'captured', updated_at = $3
         where realm_id = $1 and order_id = $2 and state = 'accepted'",
    )
    .bind(order.realm)
    .bind(order.id)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
