//! How orders are found, but for their lists, and changed by hand. Checkouts begin them, payments bring them forward.
use chrono::{DateTime, Utc};
use kit::{
    Db, Tx,
    actor::Actor,
    denied::Denied,
    ids::{CartId, OrderId, RealmId, StoreId},
};
use sqlx::{
    PgExecutor,
    types::{Json, Uuid},
};

use super::{Doer, Line, Order, edit::Change};
use crate::error::Error;

/// The next number of a store, 1001 first. Its own transaction, so that buyers of one store do not queue behind each
/// other's payments; nothing waits for the disk, since whatever uses the number is flushed after it. Gaps are allowed.
pub async fn next_number(db: &Db, store: StoreId) -> Result<String, Error> {
    let number: i64 = sqlx::query_scalar(
        "insert into order_numbers as counter (store_id, last)
         select $1, 1001 from (select set_config('synchronous_commit', 'off', true)) as unhurried
         on conflict (store_id) do update set last = counter.last + 1 returning last",
    )
    .bind(store)
    .fetch_one(db.pool())
    .await?;
    Ok(number.to_string())
}

/// The order of a cart.
pub async fn of_cart(db: impl PgExecutor<'_>, realm: RealmId, cart: CartId) -> Result<Option<Order>, Error> {
    let order = sqlx::query_as("select * from orders where realm_id = $1 and cart_id = $2").bind(realm).bind(cart);
    Ok(order.fetch_optional(db).await?)
}

/// An order of a realm.
pub async fn find(db: impl PgExecutor<'_>, realm: RealmId, id: OrderId) -> Result<Option<Order>, Error> {
    let order = sqlx::query_as("select * from orders where realm_id = $1 and id = $2").bind(realm).bind(id);
    Ok(order.fetch_optional(db).await?)
}

/// An order of any realm: for services only.
pub async fn find_anywhere(db: impl PgExecutor<'_>, id: OrderId) -> Result<Option<Order>, Error> {
    Ok(sqlx::query_as("select * from orders where id = $1").bind(id).fetch_optional(db).await?)
}

/// A placed order of a realm, held until the transaction ends.
pub async fn hold(tx: &mut Tx, realm: RealmId, id: OrderId) -> Result<Option<Order>, Error> {
    let order =
        sqlx::query_as("select * from orders where realm_id = $1 and id = $2 and placed_at is not null for update");
    Ok(order.bind(realm).bind(id).fetch_optional(&mut **tx).await?)
}

/// The placed ones of `ids`, held in the order of their ids. Merges and erasures hold several in no order.
pub async fn hold_all(tx: &mut Tx, realm: RealmId, ids: &[Uuid]) -> Result<Vec<Order>, Error> {
    let orders =
        "select * from orders where realm_id = $1 and id = any($2) and placed_at is not null order by id for update";
    Ok(sqlx::query_as(orders).bind(realm).bind(ids).fetch_all(&mut **tx).await?)
}

/// A placed order that `actor`, who works for its store or network, is to change; held.
pub async fn hold_for(tx: &mut Tx, actor: &Actor, id: OrderId) -> Result<Order, Error> {
    let order = hold(tx, of_staff(actor)?, id).await?;
    order.filter(|order| is_of(actor, order)).ok_or(Error::OrderNotFound)
}

/// The same, not held: what is written beside it does not change it.
pub async fn find_for(tx: &mut Tx, actor: &Actor, id: OrderId) -> Result<Order, Error> {
    let order = find(&mut **tx, of_staff(actor)?, id).await?.filter(Order::is_placed);
    order.filter(|order| is_of(actor, order)).ok_or(Error::OrderNotFound)
}

fn of_staff(actor: &Actor) -> Result<RealmId, Error> {
    if actor.is_staff() { Ok(actor.realm()?) } else { Err(Denied::WrongCaller.into()) }
}

fn is_of(actor: &Actor, order: &Order) -> bool {
    actor.store.is_none_or(|store| store == order.store)
}

/// The lines of an order.
pub async fn lines(tx: &mut Tx, order: &Order) -> Result<Vec<Line>, Error> {
    let lines = sqlx::query_as("select * from order_lines where realm_id = $1 and order_id = $2 order by position");
    Ok(lines.bind(order.realm).bind(order.id).fetch_all(&mut **tx).await?)
}

/// The lines of several, each with its order.
pub async fn lines_of(tx: &mut Tx, realm: RealmId, orders: &[Uuid]) -> Result<Vec<(OrderId, Line)>, Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        order_id: OrderId,
        #[sqlx(flatten)]
        line: Line,
    }
    let lines = "select * from order_lines where realm_id = $1 and order_id = any($2) order by order_id, position";
    let rows: Vec<Row> = sqlx::query_as(lines).bind(realm).bind(orders).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| (row.order_id, row.line)).collect())
}

/// Writes whatever may change of an order that is held.
pub async fn save(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    sqlx::query(
        "update orders set status = $3, payment_status = $4, fulfilment_status = $5, contact = $6, note = $7, tags = $8,
           version = $9, updated_at = $10
         where realm_id = $1 and id = $2",
    )
    .bind(order.realm)
    .bind(order.id)
    .bind(order.standing.status)
    .bind(order.standing.payment)
    .bind(order.standing.fulfilment)
    .bind(Json(&order.contact))
    .bind(&order.note)
    .bind(&order.tags)
    .bind(order.version)
    .bind(order.updated_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds to the history of an order that is held: what happened, by whom and when.
pub async fn record(tx: &mut Tx, order: &Order, kind: &str, by: (&Doer, DateTime<Utc>)) -> Result<(), Error> {
    record_changes(tx, order, (kind, &[]), by).await
}

/// The same, with what an edit changed.
pub async fn record_changes(
    tx: &mut Tx,
    order: &Order,
    (kind, changes): (&str, &[Change]),
    (doer, now): (&Doer, DateTime<Utc>),
) -> Result<(), Error> {
    sqlx::query(
        "insert into order_history (realm_id, order_id, position, status, actor, at, kind, impersonator, changes)
         select $1, $2, coalesce(max(position), 0) + 1, $3, $4, $5, $6, $7, $8
         from order_history where realm_id = $1 and order_id = $2",
    )
    .bind(order.realm)
    .bind(order.id)
    .bind(order.standing.status)
    .bind(&doer.actor)
    .bind(now)
    .bind(kind)
    .bind(&doer.impersonator)
    .bind((!changes.is_empty()).then_some(Json(changes)))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
