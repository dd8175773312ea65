//! All SQL of receipts.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Tx,
    ids::{OrderId, RealmId, StoreId},
    pool::Pool,
};
use sqlx::{
    AssertSqlSafe, PgExecutor,
    types::{Json, Uuid},
};

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

/// Entries of the ledger that are looked at together: whoever wants to change one of their orders waits as long.
const BATCH: usize = 32;

/// Where the first orders stand, and of which stores they are.
pub async fn next(pool: &Pool, now: DateTime<Utc>) -> Result<Vec<(i64, StoreId)>, Error> {
    // How many is said in the text: unseen, it would be taken for a share of all that wait.
    let next = format!(
        "select d.position, o.store_id from receipts_due d
         join orders o on o.realm_id = d.realm_id and o.id = d.order_id
         where d.look_at <= $1 order by d.position limit {BATCH}"
    );
    Ok(sqlx::query_as(AssertSqlSafe(next)).bind(now).fetch_all(pool).await?)
}

/// Where `order` stands first.
pub async fn next_of(pool: &Pool, order: &Order) -> Result<Option<i64>, Error> {
    let next = "select min(position) from receipts_due where realm_id = $1 and order_id = $2";
    Ok(sqlx::query_scalar(next).bind(order.realm).bind(order.id).fetch_one(pool).await?)
}

/// Has a transaction that holds several orders give up soon, before whoever holds one of them waits for another.
pub async fn hurry(tx: &mut Tx) -> Result<(), Error> {
    sqlx::raw_sql("set local lock_timeout = '200ms'").execute(&mut **tx).await?;
    Ok(())
}

/// Takes the orders at `positions` out of the line, in this order, but for those that somebody else took. Whoever comes
/// second waits, so that numbers are given in the order of the ledger.
pub async fn take(tx: &mut Tx, positions: &[i64]) -> Result<Vec<Due>, Error> {
    let taken = "with first as (
                   select position from receipts_due where position = any($1) order by position for update),
                 taken as (
                   delete from receipts_due where position in (select position from first)
                   returning position, realm_id, order_id, quiet)
                 select * from taken order by position";
    Ok(sqlx::query_as(taken).bind(positions).fetch_all(&mut **tx).await?)
}

/// Has others go first.
pub async fn postpone(pool: &Pool, position: i64, now: DateTime<Utc>) -> Result<(), Error> {
    let later = sqlx::query("update receipts_due set look_at = $2 where position = $1");
    later.bind(position).bind(now + AGAIN).execute(pool).await?;
    Ok(())
}

/// What moved money of `orders`, in the order of the ledger. What a refund was for stands apart; of entries that do not name
/// theirs, it was decided in the moment in which they were made.
pub async fn entries(tx: &mut Tx, realm: RealmId, orders: &[Uuid]) -> Result<Vec<(OrderId, Entry)>, Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        order_id: OrderId,
        #[sqlx(flatten)]
        entry: Entry,
    }
    let entries = sqlx::query_as(
        "select t.order_id, t.id, t.type, t.amount, t.description, t.reference, t.created_at, r.shipping, r.lines
         from transactions t left join lateral (
           select shipping, lines from refunds
           where t.type = 'refund' and realm_id = t.realm_id and order_id = t.order_id and amount = t.amount
             and (id = t.refund_id or t.refund_id is null and state = 'succeeded' and updated_at = t.created_at)
           order by id limit 1) r on true
         where t.realm_id = $1 and t.order_id = any($2) and t.status = 'succeeded'
           and t.type in ('payment', 'capture', 'refund')
         order by t.position",
    );
    let rows: Vec<Row> = entries.bind(realm).bind(orders).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| (row.order_id, row.entry)).collect())
}

/// A series of numbers: of a store, a kind, a year.
pub type Series = (StoreId, Kind, i32);

/// The last of the next `count` positions of a series, held until the transaction ends: if it fails, so do the numbers.
pub async fn advance(tx: &mut Tx, (store, kind, year): Series, count: i64) -> Result<i64, Error> {
    let last = "insert into receipt_numbers as counter (store_id, kind, year, last) values ($1, $2, $3, $4)
                on conflict (store_id, kind, year) do update set last = counter.last + $4 returning last";
    Ok(sqlx::query_scalar(last).bind(store).bind(kind).bind(year).bind(count).fetch_one(&mut **tx).await?)
}

/// Adds receipts, each with its year and its position in that.
pub async fn insert(tx: &mut Tx, made: &[(Receipt, i32, i64)], now: DateTime<Utc>) -> Result<(), Error> {
    let (mut ids, mut transactions, mut orders, mut kinds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut years, mut positions, mut numbers, mut times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut contents, mut contacts) = (Vec::new(), Vec::new());
    for (receipt, year, position) in made {
        ids.push(receipt.id.uuid());
        transactions.push(receipt.transaction.uuid());
        orders.push(receipt.order.uuid());
        kinds.push(receipt.kind.series().slug());
        years.push(*year);
        positions.push(*position);
        numbers.push(&*receipt.number);
        contents.push(Json(&receipt.content));
        contacts.push(Json(&receipt.contact));
        times.push(receipt.issued_at);
    }
    let Some((first, ..)) = made.first() else { return Ok(()) };
    sqlx::query(
        "insert into receipts (realm_id, store_id, id, order_id, transaction_id, kind, year, position, number, content,
           contact, issued_at, created_at)
         select $1, $2, m.*, $13
         from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::int[], $8::bigint[], $9::text[], $10::jsonb[],
           $11::jsonb[], $12::timestamptz[]) as m",
    )
    .bind(first.realm)
    .bind(first.store)
    .bind(ids)
    .bind(orders)
    .bind(transactions)
    .bind(kinds)
    .bind(years)
    .bind(positions)
    .bind(numbers)
    .bind(contents)
    .bind(contacts)
    .bind(times)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// All of several orders: of each the receipt, then its credit notes.
pub async fn of_orders(tx: &mut Tx, realm: RealmId, orders: &[Uuid]) -> Result<Vec<Receipt>, Error> {
    let all = "select * from receipts where realm_id = $1 and order_id = any($2)
               order by order_id, kind <> 'receipt', issued_at, year, position";
    Ok(sqlx::query_as(all).bind(realm).bind(orders).fetch_all(&mut **tx).await?)
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
