//! All SQL of customers' keys.
use chrono::{DateTime, Utc};
use kit::ids::{CustomerId, RealmId};
use sqlx::{PgExecutor, types::Uuid};

/// Every customer who has had a key, with the key as it is kept; none where it was destroyed.
pub async fn find(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    customers: &[CustomerId],
) -> Result<Vec<(CustomerId, Option<Vec<u8>>)>, sqlx::Error> {
    let keys =
        sqlx::query_as("select customer_id, key from customer_keys where realm_id = $1 and customer_id = any($2)");
    keys.bind(realm).bind(uuids(customers)).fetch_all(db).await
}

/// Adds keys, except where there is one, or was.
pub async fn insert(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    (customers, keys): (&[CustomerId], &[Vec<u8>]),
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into customer_keys (realm_id, customer_id, key, created_at)
         select $1, customer, key, $4 from unnest($2::uuid[], $3::bytea[]) as fresh (customer, key)
         order by customer on conflict do nothing",
    )
    .bind(realm)
    .bind(uuids(customers))
    .bind(keys)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets a key, and those of records that were merged into the customer's; none is made anew.
pub async fn destroy(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    customer: CustomerId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into customer_keys (realm_id, customer_id, created_at, destroyed_at)
         select $1, $2, $3, $3 union all
         select $1, gone_id, $3, $3 from merged_customers where realm_id = $1 and kept_id = $2
         on conflict (realm_id, customer_id) do update set key = null, destroyed_at = excluded.destroyed_at
         where customer_keys.key is not null",
    )
    .bind(realm)
    .bind(customer)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Whether all of them are customers of the realm, or were.
pub async fn are_known(db: impl PgExecutor<'_>, realm: RealmId, customers: &[CustomerId]) -> Result<bool, sqlx::Error> {
    let unknown = "select not exists (select from unnest($2::uuid[]) as asked (id)
                     where not exists (select from customers c where c.realm_id = $1 and c.id = asked.id)
                       and not exists (select from merged_customers m where m.realm_id = $1 and m.gone_id = asked.id)
                       and not exists (select from erased_customers e where e.realm_id = $1 and e.id = asked.id))";
    sqlx::query_scalar(unknown).bind(realm).bind(uuids(customers)).fetch_one(db).await
}

fn uuids(customers: &[CustomerId]) -> Vec<Uuid> {
    customers.iter().map(|customer| customer.uuid()).collect()
}
