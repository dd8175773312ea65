//! All SQL of stores.
use kit::{
    Tx,
    ids::{NetworkId, RealmId, StaffId, StoreId},
};
use sqlx::PgExecutor;

use super::shop::{Front, Store};
use crate::Error;

/// Adds a store.
pub async fn insert(tx: &mut Tx, store: &Store) -> Result<(), Error> {
    sqlx::query(
        "insert into stores (id, network_id, name, currency, timezone, country, mail_from, url, key, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(store.id)
    .bind(store.network)
    .bind(&store.name)
    .bind(&store.currency)
    .bind(&store.timezone)
    .bind(&store.country)
    .bind(&store.mail_from)
    .bind(&store.url)
    .bind(&store.key)
    .bind(store.created_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The store with this id.
pub async fn find(db: impl PgExecutor<'_>, id: StoreId) -> Result<Option<Store>, Error> {
    Ok(sqlx::query_as("select * from stores where id = $1").bind(id).fetch_optional(db).await?)
}

/// All stores, oldest first.
pub async fn all(db: impl PgExecutor<'_>) -> Result<Vec<Store>, Error> {
    Ok(sqlx::query_as("select * from stores order by created_at, id").fetch_all(db).await?)
}

/// The members of a network, oldest first. A network's realm has its UUID.
pub async fn of_network(db: impl PgExecutor<'_>, network: NetworkId) -> Result<Vec<Store>, Error> {
    of_realm(db, RealmId::from_uuid(network.uuid())).await
}

/// The stores of a customer base, oldest first.
pub async fn of_realm(db: impl PgExecutor<'_>, realm: RealmId) -> Result<Vec<Store>, Error> {
    let stores = sqlx::query_as("select * from stores where realm_id = $1 order by created_at, id");
    Ok(stores.bind(realm).fetch_all(db).await?)
}

/// The stores that the memberships of `staff` open, oldest first.
pub async fn of_staff(db: impl PgExecutor<'_>, staff: StaffId) -> Result<Vec<Store>, Error> {
    let stores = sqlx::query_as(
        "select s.* from stores s where s.id in
           (select store_id from memberships where staff_id = $1 and store_id is not null
            union all
            select n.id from memberships m join stores n on n.realm_id = m.network_id where m.staff_id = $1)
         order by s.created_at, s.id",
    );
    Ok(stores.bind(staff).fetch_all(db).await?)
}

/// What somebody at the publishable key of `store`, or of the network that is `realm`, sees.
pub async fn front(db: impl PgExecutor<'_>, realm: RealmId, store: Option<StoreId>) -> Result<Option<Front>, Error> {
    let front = sqlx::query_as(
        "select s.id as store, case when $2::uuid is null then coalesce(n.name, s.name) else s.name end as name, s.country
         from stores s left join networks n on n.id = s.network_id
         where s.realm_id = $1 and ($2::uuid is null or s.id = $2)
         order by s.created_at, s.id limit 1",
    );
    Ok(front.bind(realm).bind(store).fetch_optional(db).await?)
}

/// Whether the IANA time zone `name` exists.
pub async fn is_timezone(db: impl PgExecutor<'_>, name: &str) -> Result<bool, Error> {
    let known = sqlx::query_scalar(
        "select exists (select from pg_timezone_names
         where name = $1 and name !~ '^(posix|right)/' and (name like '%/%' or name = 'UTC'))",
    );
    Ok(known.bind(name).fetch_one(db).await?)
}

/// Every customer base there is.
pub async fn realms(db: impl PgExecutor<'_>) -> Result<Vec<RealmId>, Error> {
    Ok(sqlx::query_scalar("select distinct realm_id from stores").fetch_all(db).await?)
}

/// The stores with these ids.
pub async fn with_ids(db: impl PgExecutor<'_>, ids: &[StoreId]) -> Result<Vec<Store>, Error> {
    let stores = sqlx::query_as("select * from stores where id = any($1)");
    Ok(stores.bind(ids.iter().map(|id| id.uuid()).collect::<Vec<_>>()).fetch_all(db).await?)
}
