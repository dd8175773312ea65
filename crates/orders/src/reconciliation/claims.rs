//! Whether what others derived from events of orders is true.
use kit::reconcile::Claims;
use sqlx::PgExecutor;

use crate::error::Error;

/// Which claims no placed order supports: by its id and, if given, its cart; or, without an id, that somebody bought a
/// product or bought in a store.
pub async fn of_orders(db: impl PgExecutor<'_>, claims: &Claims) -> Result<Vec<u32>, Error> {
    unfounded(
        db,
        claims,
        "select c.place from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) with ordinality
           as c (realm_id, id, customer_id, about, place)
         where case when c.id is not null then not exists (
             select from orders o where o.realm_id = c.realm_id and o.id = c.id and o.placed_at is not null
               and o.cart_id = coalesce(c.about, o.cart_id))
           else not exists (
             select from orders o where o.realm_id = c.realm_id and o.customer_id = c.customer_id
               and o.placed_at is not null and (o.store_id = c.about or exists (
                 select from order_lines l
                 where l.realm_id = o.realm_id and l.order_id = o.id and l.product_id = c.about)))
           end",
    )
    .await
}

/// Which claims no movement of money supports.
pub async fn of_payments(db: impl PgExecutor<'_>, claims: &Claims) -> Result<Vec<u32>, Error> {
    unfounded(
        db,
        claims,
        "select c.place from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) with ordinality
           as c (realm_id, id, customer_id, about, place)
         where not exists (select from transactions t where t.realm_id = c.realm_id and t.id = c.id
           and t.type in ('payment', 'capture', 'refund') and t.status = 'succeeded')",
    )
    .await
}

/// Which claims no subscription supports.
pub async fn of_subscriptions(db: impl PgExecutor<'_>, claims: &Claims) -> Result<Vec<u32>, Error> {
    unfounded(
        db,
        claims,
        "select c.place from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) with ordinality
           as c (realm_id, id, customer_id, about, place)
         where not exists (select from subscriptions s where s.realm_id = c.realm_id and s.id = c.id)",
    )
    .await
}

/// The claims that `sql` selects, counted from 0.
async fn unfounded(db: impl PgExecutor<'_>, claims: &Claims, sql: &'static str) -> Result<Vec<u32>, Error> {
    let places: Vec<i64> = sqlx::query_scalar(sql)
        .bind(&claims.realms)
        .bind(&claims.ids)
        .bind(&claims.customers)
        .bind(&claims.abouts)
        .fetch_all(db)
        .await?;
    Ok(places.into_iter().filter_map(|place| u32::try_from(place - 1).ok()).collect())
}
