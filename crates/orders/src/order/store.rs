//! All SQL of orders, but for their lists.
use chrono::{DateTime, Utc};
use kit::{
    Db, Tx,
    ids::{CartId, OrderId, RealmId, StoreId},
};
use sqlx::{PgConnection, PgExecutor, types::Json};

use super::{Line, Order};
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

/// The order of a cart, held until the transaction ends.
pub async fn lock_of_cart(tx: &mut Tx, realm: RealmId, cart: CartId) -> Result<Option<Order>, Error> {
    let order = sqlx::query_as("select * from orders where realm_id = $1 and cart_id = $2 for update");
    Ok(order.bind(realm).bind(cart).fetch_optional(&mut **tx).await?)
}

/// An order, held until the transaction ends.
pub async fn lock(tx: &mut Tx, realm: RealmId, id: OrderId) -> Result<Option<Order>, Error> {
    let order = sqlx::query_as("select * from orders where realm_id = $1 and id = $2 for update");
    Ok(order.bind(realm).bind(id).fetch_optional(&mut **tx).await?)
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

/// Adds a draft; false when the cart has an order already.
pub async fn insert(tx: &mut Tx, order: &Order) -> Result<bool, Error> {
    let done = sqlx::query(
        "insert into orders (realm_id, id, store_id, cart_id, customer_id, number, status, payment_status,
           fulfilment_status, currency, subtotal, discount, shipping, tax, total, contact, ip, user_agent, gateway,
           version, placed_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
         on conflict on constraint orders_cart do nothing",
    )
    .bind(order.realm)
    .bind(order.id)
    .bind(order.store)
    .bind(order.cart)
    .bind(order.customer)
    .bind(&order.number)
    .bind(order.standing.status)
    .bind(order.standing.payment)
    .bind(&order.fulfilment)
    .bind(order.totals.currency.code())
    .bind(order.totals.subtotal)
    .bind(order.totals.discount)
    .bind(order.totals.shipping)
    .bind(order.totals.tax)
    .bind(order.totals.total)
    .bind(Json(&order.contact))
    .bind(&order.client.ip)
    .bind(&order.client.agent)
    .bind(order.gateway)
    .bind(order.version)
    .bind(order.placed_at)
    .bind(order.created_at)
    .bind(order.updated_at)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what may change of an order; what it holds of a draft only, too.
pub async fn save(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    sqlx::query(
        "update orders set customer_id = $3, status = $4, payment_status = $5, currency = $6, subtotal = $7,
           discount = $8, shipping = $9, tax = $10, total = $11, contact = $12, ip = $13, user_agent = $14,
           gateway = $15, version = $16, placed_at = $17, updated_at = $18
         where realm_id = $1 and id = $2",
    )
    .bind(order.realm)
    .bind(order.id)
    .bind(order.customer)
    .bind(order.standing.status)
    .bind(order.standing.payment)
    .bind(order.totals.currency.code())
    .bind(order.totals.subtotal)
    .bind(order.totals.discount)
    .bind(order.totals.shipping)
    .bind(order.totals.tax)
    .bind(order.totals.total)
    .bind(Json(&order.contact))
    .bind(&order.client.ip)
    .bind(&order.client.agent)
    .bind(order.gateway)
    .bind(order.version)
    .bind(order.placed_at)
    .bind(order.updated_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes away whatever lines a draft had.
pub async fn drop_lines(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    let of_order = "delete from order_lines where realm_id = $1 and order_id = $2";
    sqlx::query(of_order).bind(order.realm).bind(order.id).execute(&mut **tx).await?;
    Ok(())
}

/// Gives a draft without lines these.
pub async fn freeze_lines(tx: &mut Tx, order: &Order, lines: &[Line]) -> Result<(), Error> {
    sqlx::query(
        "insert into order_lines
           (realm_id, order_id, id, position, product_id, sku, name, quantity, price, subtotal, kind)
         select $1, $2, l.id, l.place - 1, l.product, l.sku, l.name, l.quantity, l.price, l.subtotal, l.kind
         from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[],
                     $10::text[]) with ordinality
              as l (id, product, sku, name, quantity, price, subtotal, kind, place)",
    )
    .bind(order.realm)
    .bind(order.id)
    .bind(lines.iter().map(|line| line.id.uuid()).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.product.uuid()).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| &*line.sku).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| &*line.name).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| i64::from(line.quantity)).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.price).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.subtotal).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| &*line.kind).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The lines of an order, in order.
pub async fn lines(db: &mut PgConnection, realm: RealmId, order: OrderId) -> Result<Vec<Line>, Error> {
    let lines = sqlx::query_as("select * from order_lines where realm_id = $1 and order_id = $2 order by position");
    Ok(lines.bind(realm).bind(order).fetch_all(db).await?)
}

/// Adds the order's present status to its history.
pub async fn remember(tx: &mut Tx, order: &Order, actor: &str, at: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query(
        "insert into order_history (realm_id, order_id, position, status, actor, at)
         select $1, $2, coalesce(max(position), 0) + 1, $3, $4, $5
         from order_history where realm_id = $1 and order_id = $2",
    )
    .bind(order.realm)
    .bind(order.id)
    .bind(order.standing.status)
    .bind(actor)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
