//! The SQL of what events say about customers.
use chrono::{DateTime, Utc};
use kit::ids::{CustomerId, RealmId, StoreId};
use sqlx::PgConnection;

use super::{order::PlacedOrder, payment::Payment, review::Review, sign_of_life::SignOfLife};
use crate::Error;

/// Counts an order that is heard of for the first time: for the record, its store and its currency. Whether a lead
/// became a customer by it; `None` when nothing was news.
///
/// One statement, with what it adds: whoever waits for another event of the same customer adds to what that one left.
pub async fn count_order(
    db: &mut PgConnection,
    placed: &PlacedOrder,
    now: DateTime<Utc>,
) -> Result<Option<bool>, Error> {
    let promoted = sqlx::query_scalar(
        "with known as (select lifecycle from customers where realm_id = $1 and id = $3 for update),
         news as (
           insert into customer_orders (realm_id, order_id, customer_id, store_id, number, placed_at, currency)
           select $1, $2, $3, $4, $5, $6, $7 from known on conflict (realm_id, order_id) do nothing returning order_id),
         store as (
           insert into customer_stores as s
             (realm_id, store_id, customer_id, orders_count, first_order_at, last_order_at)
           select $1, $4, $3, 1, $6, $6 from news
           on conflict (realm_id, store_id, customer_id) do update set orders_count = s.orders_count + 1,
             first_order_at = least(s.first_order_at, $6), last_order_at = greatest(s.last_order_at, $6)),
         spend as (
           insert into customer_spend as s (realm_id, customer_id, store_id, currency, orders_count)
           select $1, $3, $4, $7, 1 from news
           on conflict (realm_id, customer_id, store_id, currency) do update set orders_count = s.orders_count + 1)
         update customers c set lifecycle = 'customer', orders_count = c.orders_count + 1,
           first_order_at = least(c.first_order_at, $6), last_order_at = greatest(c.last_order_at, $6),
           last_activity_at = greatest(c.last_activity_at, $6), version = c.version + 1,
           updated_at = greatest(c.updated_at, $8)
         from news, known where c.realm_id = $1 and c.id = $3 returning known.lifecycle = 'lead'",
    );
    let promoted = promoted.bind(placed.realm).bind(placed.order).bind(placed.customer).bind(placed.store);
    let promoted = promoted.bind(&placed.number).bind(placed.at).bind(placed.currency.code()).bind(now);
    Ok(promoted.fetch_optional(db).await?)
}

/// Adds a payment that is heard of for the first time: to what was captured in its currency, and where that is the base
/// currency to what the record and its store say was spent. One statement, like [`count_order`].
pub async fn count_payment(db: &mut PgConnection, payment: &Payment, now: DateTime<Utc>) -> Result<(), Error> {
    let counted = sqlx::query(
        "with known as (select from customers where realm_id = $1 and id = $3 for update),
         news as (
           insert into customer_payments
             (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount, captured_at)
           select $1, $2, $3, $4, $5, $6, $7, $8 from known
           on conflict (realm_id, transaction_id) do nothing returning transaction_id),
         spend as (
           insert into customer_spend as s (realm_id, customer_id, store_id, currency, captured)
           select $1, $3, $4, $6, $7 from news
           on conflict (realm_id, customer_id, store_id, currency) do update set captured = s.captured + $7),
         base as (
           select coalesce(sum($7) filter (where owner_id = $1), 0)::bigint as realm,
             coalesce(sum($7) filter (where owner_id = $4), 0)::bigint as store
           from base_currencies where realm_id = $1 and owner_id in ($1, $4) and currency = $6),
         store as (
           insert into customer_stores as s (realm_id, store_id, customer_id, spent_base)
           select $1, $4, $3, base.store from news, base
           on conflict (realm_id, store_id, customer_id) do update set spent_base = s.spent_base + excluded.spent_base)
         update customers c set spent_base = c.spent_base + base.realm,
           last_activity_at = greatest(c.last_activity_at, $8), version = c.version + 1,
           updated_at = greatest(c.updated_at, $9)
         from news, base where c.realm_id = $1 and c.id = $3",
    );
    let counted = counted.bind(payment.realm).bind(payment.transaction).bind(payment.customer).bind(payment.store);
    let counted = counted.bind(payment.order).bind(payment.amount.currency.code()).bind(payment.amount.amount);
    counted.bind(payment.at).bind(now).execute(db).await?;
    Ok(())
}

/// Keeps a review or its deletion; whether that was news.
pub async fn put_review(db: &mut PgConnection, review: &Review) -> Result<bool, Error> {
    let put = sqlx::query(
        "insert into customer_reviews as r (realm_id, review_id, customer_id, store_id, deleted)
         values ($1, $2, $3, $4, $5)
         on conflict (realm_id, review_id) do update
           set deleted = r.deleted or excluded.deleted, store_id = coalesce(r.store_id, excluded.store_id)
           where (excluded.deleted and not r.deleted) or (r.store_id is null and excluded.store_id is not null)",
    )
    .bind(review.realm)
    .bind(review.id)
    .bind(review.author)
    .bind(review.store)
    .bind(review.deleted)
    .execute(db)
    .await?;
    Ok(put.rows_affected() == 1)
}

/// How many reviews of somebody there are.
pub async fn count_reviews(db: &mut PgConnection, realm: RealmId, author: CustomerId) -> Result<i64, Error> {
    let sql = "select count(*) from customer_reviews where realm_id = $1 and customer_id = $2 and not deleted";
    Ok(sqlx::query_scalar(sql).bind(realm).bind(author).fetch_one(db).await?)
}

/// Brings up to date how many reviews of somebody there are in each store.
pub async fn count_reviews_in_stores(db: &mut PgConnection, realm: RealmId, author: CustomerId) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_stores (realm_id, store_id, customer_id, reviews_count)
         select $1, store_id, $2, count(*) filter (where not deleted) from customer_reviews
         where realm_id = $1 and customer_id = $2 and store_id is not null group by store_id
         on conflict (realm_id, store_id, customer_id) do update set reviews_count = excluded.reviews_count",
    )
    .bind(realm)
    .bind(author)
    .execute(db)
    .await?;
    Ok(())
}

/// Moves the last activity on; whether there is such a customer.
pub async fn see(db: &mut PgConnection, sign: &SignOfLife) -> Result<bool, Error> {
    let sql = "update customers set last_activity_at = greatest(last_activity_at, $3) where realm_id = $1 and id = $2";
    let seen = sqlx::query(sql).bind(sign.realm).bind(sign.customer).bind(sign.at).execute(db).await?;
    Ok(seen.rows_affected() == 1)
}

/// Remembers that a store knows somebody.
pub async fn know(
    db: &mut PgConnection,
    (realm, store, customer): (RealmId, StoreId, CustomerId),
) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_stores (realm_id, store_id, customer_id) values ($1, $2, $3) on conflict do nothing",
    )
    .bind(realm)
    .bind(store)
    .bind(customer)
    .execute(db)
    .await?;
    Ok(())
}
