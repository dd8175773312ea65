//! The SQL of what events say about customers.
use std::collections::HashMap;

use kit::ids::{CustomerId, RealmId, StoreId};
use sqlx::PgConnection;

use super::{cart::HeldCart, gift::Gift, review::Review, sign_of_life::SignOfLife, subscription::Subscription};
use crate::Error;

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

/// Keeps what is told of a subscription unless something later is known; whether it stands otherwise now.
pub async fn put_subscription(db: &mut PgConnection, told: &Subscription) -> Result<bool, Error> {
    let stands: Option<bool> = sqlx::query_scalar(
        "with was as (select status from customer_subscriptions where realm_id = $1 and subscription_id = $2),
         put as (
           insert into customer_subscriptions as s
             (realm_id, subscription_id, customer_id, store_id, product_id, status, version)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (realm_id, subscription_id) do update
             set status = excluded.status, version = excluded.version where excluded.version > s.version
           returning s.status)
         select put.status is distinct from was.status from put left join was on true",
    )
    .bind(told.realm)
    .bind(told.id)
    .bind(told.customer)
    .bind(told.store)
    .bind(told.product)
    .bind(told.status)
    .bind(told.version)
    .fetch_optional(db)
    .await?;
    Ok(stands.unwrap_or(false))
}

/// Keeps what is told of a cart unless something later is known; whether there is one more or less now.
pub async fn put_cart(db: &mut PgConnection, told: &HeldCart) -> Result<bool, Error> {
    let counts: Option<bool> = sqlx::query_scalar(
        "with was as (select held from customer_carts where realm_id = $1 and cart_id = $2),
         put as (
           insert into customer_carts as c (realm_id, cart_id, customer_id, store_id, held, version)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (realm_id, cart_id) do update
             set (customer_id, store_id, held, version) =
               (excluded.customer_id, excluded.store_id, excluded.held, excluded.version)
             where excluded.version > c.version
           returning c.held)
         select put.held <> coalesce(was.held, false) from put left join was on true",
    )
    .bind(told.realm)
    .bind(told.id)
    .bind(told.customer)
    .bind(told.store)
    .bind(told.held)
    .bind(told.version)
    .fetch_optional(db)
    .await?;
    Ok(counts.unwrap_or(false))
}

/// Moves the last activity on; whether there is such a customer.
pub async fn see(db: &mut PgConnection, sign: &SignOfLife) -> Result<bool, Error> {
    let sql = "update customers set last_activity_at = greatest(last_activity_at, $3) where realm_id = $1 and id = $2";
    let seen = sqlx::query(sql).bind(sign.realm).bind(sign.customer).bind(sign.at).execute(db).await?;
    Ok(seen.rows_affected() == 1)
}

/// Remembers the last time that somebody was given something.
pub async fn put_gift(db: &mut PgConnection, gift: &Gift) -> Result<(), Error> {
    let sql = sqlx::query(
        "insert into customer_stores as s (realm_id, store_id, customer_id, gifted_at) values ($1, $2, $3, $4)
         on conflict (realm_id, store_id, customer_id) do update set gifted_at = greatest(s.gifted_at, excluded.gifted_at)",
    );
    sql.bind(gift.realm).bind(gift.store).bind(gift.customer).bind(gift.at).execute(db).await?;
    Ok(())
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

/// The records that those of `customers` were merged into who were.
pub async fn kept(
    db: &mut PgConnection,
    customers: &[(RealmId, CustomerId)],
) -> Result<HashMap<CustomerId, CustomerId>, Error> {
    let kept: Vec<(CustomerId, CustomerId)> = sqlx::query_as(
        "select m.gone_id, m.kept_id from merged_customers m
         join (select distinct * from unnest($1::uuid[], $2::uuid[]) as told (realm_id, id)) as told
           on m.realm_id = told.realm_id and m.gone_id = told.id",
    )
    .bind(customers.iter().map(|(realm, _)| realm.uuid()).collect::<Vec<_>>())
    .bind(customers.iter().map(|(_, customer)| customer.uuid()).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    Ok(kept.into_iter().collect())
}
