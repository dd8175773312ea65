//! All SQL of receipts.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Tx,
    ids::{OrderId, RealmId, StoreId},
    pool::Pool,
};
use sqlx::{PgExecutor, types::Json};

use super::{Kind, Receipt, lacking::Entry};
use crate::{error::Error, order::Order};

/// After how long what could not be done is tried again.
const AGAIN: TimeDelta = TimeDelta::minutes(1);

/// An order to be looked at.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Due {
    /// Where it stands in line.
    pub position: i64,
    /// Its customer base.
    #[sqlx(rename = "realm_id")]
    pub realm: RealmId,
    /// It.
    #[sqlx(rename = "order_id")]
    pub order: OrderId,
    /// Whether nobody is told.
    pub quiet: bool,
}

/// Which order is next.
pub async fn next(pool: &Pool, now: DateTime<Utc>) -> Result<Option<(i64, StoreId)>, Error> {
    let next = "select d.position, o.store_id from receipts_due d
                join orders o on o.realm_id = d.realm_id and o.id = d.order_id
                where d.look_at <= $1 order by d.position limit 1";
    Ok(sqlx::query_as(next).bind(now).fetch_optional(pool).await?)
}

/// The same of one order.
pub async fn next_of(pool: &Pool, order: &Order) -> Result<Option<i64>, Error> {
    let next = "select min(position) from receipts_due where realm_id = $1 and order_id = $2";
    Ok(sqlx::query_scalar(next).bind(order.realm).bind(order.id).fetch_one(pool).await?)
}

/// Takes the order at `position` out of the line; nothing when somebody else has. Whoever comes second waits, so that
/// numbers are given in the order of the ledger.
pub async fn take(tx: &mut Tx, position: i64) -> Result<Option<Due>, Error> {
    let taken = "delete from receipts_due where position = $1 returning position, realm_id, order_id, quiet";
    Ok(sqlx::query_as(taken).bind(position).fetch_optional(&mut **tx).await?)
}

/// Has others go first.
pub async fn postpone(pool: &Pool, position: i64, now: DateTime<Utc>) -> Result<(), Error> {
    let later = sqlx::query("update receipts_due set look_at = $2 where position = $1");
    later.bind(position).bind(now + AGAIN).execute(pool).await?;
    Ok(())
}

/// What moved money of `order`, in the order of the ledger. What a refund was for stands apart; of entries that do not name
/// theirs, it was decided in the moment in which they were made.
pub async fn entries(tx: &mut Tx, order: &Order) -> Result<Vec<Entry>, Error> {
    let entries = sqlx::query_as(
        "select t.id, t.type, t.amount, t.description, t.reference, t.created_at, r.shipping, r.lines
         from transactions t left join lateral (
           select shipping, lines from refunds
           where t.type = 'refund' and realm_id = t.realm_id and order_id = t.order_id and amount = t.amount
             and (id = t.refund_id or t.refund_id is null and state = 'succeeded' and updated_at = t.created_at)
           order by id limit 1) r on true
         where t.realm_id = $1 and t.order_id = $2 and t.status = 'succeeded'
           and t.type in ('payment', 'capture', 'refund')
         order by t.position",
    );
    Ok(entries.bind(order.realm).bind(order.id).fetch_all(&mut **tx).await?)
}

/// The next position in the series of a kind, held until the transaction ends: if it fails, so does the number.
pub async fn next_position(tx: &mut Tx, (store, kind, year): (StoreId, Kind, i32)) -> Result<i64, Error> {
    let next = "insert into receipt_numbers as counter (store_id, kind, year, last) values ($1, $2, $3, 1)
                on conflict (store_id, kind, year) do update set last = counter.last + 1 returning last";
    Ok(sqlx::query_scalar(next).bind(store).bind(kind.series()).bind(year).fetch_one(&mut **tx).await?)
}

/// Adds a receipt, `position` of `year`.
pub async fn insert(
    tx: &mut Tx,
    receipt: &Receipt,
    (year, position): (i32, i64),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "insert into receipts (realm_id, id, store_id, order_id, transaction_id, kind, year, position, number, content,
           contact, issued_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(receipt.realm)
    .bind(receipt.id)
    .bind(receipt.store)
    .bind(receipt.order)
    .bind(receipt.transaction)
    .bind(receipt.kind.series())
    .bind(year)
    .bind(position)
    .bind(&receipt.number)
    .bind(Json(&receipt.content))
    .bind(Json(&receipt.contact))
    .bind(receipt.issued_at)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// All of an order: the receipt, then its credit notes.
pub async fn of_order(db: impl PgExecutor<'_>, order: &Order) -> Result<Vec<Receipt>, Error> {
    let all = "select * from receipts where realm_id = $1 and order_id = $2
               order by kind <> 'receipt', issued_at, year, position";
    Ok(sqlx::query_as(all).bind(order.realm).bind(order.id).fetch_all(db).await?)
}

/// Puts orders in line that have no receipt though they are paid: nobody knows why.
pub async fn enlist(pool: &Pool, orders: &[OrderId]) -> Result<(), Error> {
    let ids: Vec<_> = orders.iter().map(|order| order.uuid()).collect();
    let enlist = "insert into receipts_due (realm_id, order_id) select realm_id, id from orders where id = any($1)";
    sqlx::query(enlist).bind(ids).execute(pool).await?;
    Ok(())
}
