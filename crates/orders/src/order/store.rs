//! How orders are found, but for their lists. Checkouts begin them, payments bring them forward.
use kit::{
    Db,
    ids::{CartId, OrderId, RealmId, StoreId},
};
use sqlx::PgExecutor;

use super::Order;
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
