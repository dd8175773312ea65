//! The SQL of what events say about customers.
use kit::ids::{CustomerId, RealmId, StoreId};
use sqlx::PgConnection;

use super::{order::PlacedOrder, payment::Payment, review::Review, sign_of_life::SignOfLife};
use crate::Error;

/// Keeps an order; whether it is heard of for the first time.
pub async fn insert_order(db: &mut PgConnection, placed: &PlacedOrder) -> Result<bool, Error> {
    let inserted = sqlx::query(
        "insert into customer_orders (realm_id, order_id, customer_id, store_id, number, placed_at, currency)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (realm_id, order_id) do nothing",
    )
    .bind(placed.realm)
    .bind(placed.order)
    .bind(placed.customer)
    .bind(placed.store)
    .bind(&placed.number)
    .bind(placed.at)
    .bind(placed.currency.code())
    .execute(db)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Counts an order in its store.
pub async fn count_order(db: &mut PgConnection, placed: &PlacedOrder) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_stores as s (realm_id, store_id, customer_id, orders_count, first_order_at, last_order_at)
         values ($1, $2, $3, 1, $4, $4)
         on conflict (realm_id, store_id, customer_id) do update set orders_count = s.orders_count + 1,
           first_order_at = least(s.first_order_at, $4), last_order_at = greatest(s.last_order_at, $4)",
    )
    .bind(placed.realm)
    .bind(placed.store)
    .bind(placed.customer)
    .bind(placed.at)
    .execute(db)
    .await?;
    Ok(())
}

/// Counts an order in its currency.
pub async fn count_order_in_currency(db: &mut PgConnection, placed: &PlacedOrder) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_spend as s (realm_id, customer_id, store_id, currency, orders_count)
         values ($1, $2, $3, $4, 1)
         on conflict (realm_id, customer_id, store_id, currency) do update set orders_count = s.orders_count + 1",
    )
    .bind(placed.realm)
    .bind(placed.customer)
    .bind(placed.store)
    .bind(placed.currency.code())
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps a payment; whether it is heard of for the first time.
pub async fn insert_payment(db: &mut PgConnection, payment: &Payment) -> Result<bool, Error> {
    let inserted = sqlx::query(
        "insert into customer_payments
         (realm_id, transaction_id, customer_id, store_id, order_id, currency, amount, captured_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (realm_id, transaction_id) do nothing",
    )
    .bind(payment.realm)
    .bind(payment.transaction)
    .bind(payment.customer)
    .bind(payment.store)
    .bind(payment.order)
    .bind(payment.amount.currency.code())
    .bind(payment.amount.amount)
    .bind(payment.at)
    .execute(db)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Adds a payment to what was captured.
pub async fn add_captured(db: &mut PgConnection, payment: &Payment) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_spend as s (realm_id, customer_id, store_id, currency, captured)
         values ($1, $2, $3, $4, $5)
         on conflict (realm_id, customer_id, store_id, currency) do update set captured = s.captured + $5",
    )
    .bind(payment.realm)
    .bind(payment.customer)
    .bind(payment.store)
    .bind(payment.amount.currency.code())
    .bind(payment.amount.amount)
    .execute(db)
    .await?;
    Ok(())
}

/// What somebody spent in the realm's base currency.
pub async fn total(db: &mut PgConnection, realm: RealmId, customer: CustomerId) -> Result<i64, Error> {
    let sql = "select coalesce(sum(s.captured - s.refunded), 0)::bigint
         from customer_spend s join base_currencies b
           on b.realm_id = s.realm_id and b.owner_id = s.realm_id and b.currency = s.currency
         where s.realm_id = $1 and s.customer_id = $2";
    Ok(sqlx::query_scalar(sql).bind(realm).bind(customer).fetch_one(db).await?)
}

/// Brings up to date what somebody spent in a store, in its own currency.
pub async fn total_in_store(db: &mut PgConnection, payment: &Payment) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_stores (realm_id, store_id, customer_id, spent_base)
         select $1, $2, $3, coalesce(sum(s.captured - s.refunded), 0)::bigint
         from customer_spend s join base_currencies b
           on b.realm_id = s.realm_id and b.owner_id = s.store_id and b.currency = s.currency
         where s.realm_id = $1 and s.store_id = $2 and s.customer_id = $3
         on conflict (realm_id, store_id, customer_id) do update set spent_base = excluded.spent_base",
    )
    .bind(payment.realm)
    .bind(payment.store)
    .bind(payment.customer)
    .execute(db)
    .await?;
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
