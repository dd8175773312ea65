//! All SQL of gifts, but for how they are written with their order's draft and entered in libraries.
use std::collections::HashMap;

use kit::{
    Tx,
    clock::timestamp,
    ids::{CustomerId, LineId, OrderId, ProductId, RealmId},
};
use proto::orders::v1::{GiftGiven, GiftLetter};
use sqlx::PgExecutor;

use super::first_name;
use crate::{error::Error, order::Order};

/// Has nobody else write to the ledgers of those who have anything of `order`, until the transaction ends: whoever bought it,
/// and whoever it is for. Always in the same order, or two would wait for each other.
pub async fn hold_ledgers(tx: &mut Tx, order: &Order) -> Result<(), Error> {
    let alone = "select pg_advisory_xact_lock(hashtextextended('library ' || w.id::text, 0))
                 from (select $3::uuid as id
                       union select customer_id from gifts where realm_id = $1 and order_id = $2 order by id) as w";
    sqlx::query(alone).bind(order.realm).bind(order.id).bind(order.customer).execute(&mut **tx).await?;
    Ok(())
}

/// What is told of those `lines` of `order` that are in somebody's library now.
pub async fn given(
    tx: &mut Tx,
    order: &Order,
    (lines, now): (&[LineId], chrono::DateTime<chrono::Utc>),
) -> Result<Vec<GiftGiven>, Error> {
    let given = sqlx::query_as::<_, (LineId, CustomerId, ProductId, bool)>(
        "select l.id, g.customer_id, l.product_id, l.subtotal > l.discount
         from gifts g join order_lines l on l.realm_id = g.realm_id and l.order_id = g.order_id and l.id = g.line_id
         where g.realm_id = $1 and g.order_id = $2 and g.line_id = any($3) order by l.position",
    );
    let lines: Vec<_> = lines.iter().map(|line| line.uuid()).collect();
    let given = given.bind(order.realm).bind(order.id).bind(lines).fetch_all(&mut **tx).await?;
    let tell = |(line, customer, product, notify): (LineId, CustomerId, ProductId, bool)| GiftGiven {
        realm: order.realm.into(),
        store: order.store.into(),
        order: order.id.into(),
        line: line.into(),
        customer: customer.into(),
        giver: order.customer.into(),
        product: product.into(),
        at: Some(timestamp(now)),
        notify,
    };
    Ok(given.into_iter().map(tell).collect())
}

/// What the mail about a gift says, unless it was taken back or forgotten.
pub async fn letter(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    (order, line): (OrderId, LineId),
) -> Result<Option<GiftLetter>, Error> {
    let found = sqlx::query_as::<_, (String, String, Option<String>, String, String, CustomerId)>(
        "select g.email, g.name, o.contact ->> 'name', g.message, l.name, g.customer_id
         from gifts g
         join orders o on o.realm_id = g.realm_id and o.id = g.order_id
         join order_lines l on l.realm_id = g.realm_id and l.order_id = g.order_id and l.id = g.line_id
         where g.realm_id = $1 and g.order_id = $2 and g.line_id = $3 and g.email <> '' and l.refunded = 0
           and o.payment_status in ('paid', 'partially_refunded')",
    );
    let found = found.bind(realm).bind(order).bind(line).fetch_optional(db).await?;
    Ok(found.map(|(email, name, giver, message, product_name, customer)| GiftLetter {
        email,
        name,
        giver_name: first_name(&giver.unwrap_or_default()),
        message,
        product_name,
        customer: customer.into(),
    }))
}

/// What those who bought `orders` are called, as far as it is told.
pub async fn givers(
    db: impl PgExecutor<'_>,
    realms: &[RealmId],
    orders: &[OrderId],
) -> Result<HashMap<OrderId, String>, Error> {
    if orders.is_empty() {
        return Ok(HashMap::new());
    }
    let names = sqlx::query_as::<_, (OrderId, Option<String>)>(
        "select id, contact ->> 'name' from orders where realm_id = any($1) and id = any($2)",
    );
    let realms: Vec<_> = realms.iter().map(|realm| realm.uuid()).collect();
    let ids: Vec<_> = orders.iter().map(|order| order.uuid()).collect();
    let names = names.bind(realms).bind(ids).fetch_all(db).await?;
    Ok(names.into_iter().map(|(order, name)| (order, first_name(&name.unwrap_or_default()))).collect())
}
