//! All SQL of changes to stores and networks.
use kit::{
    Tx,
    ids::{NetworkId, SessionId, StaffId, StoreId},
};
use sqlx::PgExecutor;

use crate::{Error, membership::Place, network::network::Network, shop::Store};

/// Something with the number of its changes.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Versioned<T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>> {
    /// The thing.
    #[sqlx(flatten)]
    pub thing: T,
    /// Counts changes.
    pub version: i64,
}

/// A store, locked until the end of the transaction.
pub async fn lock_store(tx: &mut Tx, id: StoreId) -> Result<Option<Versioned<Store>>, Error> {
    Ok(sqlx::query_as("select * from stores where id = $1 for update").bind(id).fetch_optional(&mut **tx).await?)
}

/// The number of a store's changes.
pub async fn store_version(db: impl PgExecutor<'_>, id: StoreId) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("select version from stores where id = $1").bind(id).fetch_one(db).await?)
}

/// Keeps a changed store.
pub async fn save_store(tx: &mut Tx, store: &Store, version: i64) -> Result<(), Error> {
    sqlx::query(
        "update stores set name = $2, timezone = $3, country = $4, mail_from = $5, url = $6, version = $7 where id = $1",
    )
    .bind(store.id)
    .bind(&store.name)
    .bind(&store.timezone)
    .bind(&store.country)
    .bind(&store.mail_from)
    .bind(&store.url)
    .bind(version)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A network, locked until the end of the transaction.
pub async fn lock_network(tx: &mut Tx, id: NetworkId) -> Result<Option<Versioned<Network>>, Error> {
    Ok(sqlx::query_as("select * from networks where id = $1 for update").bind(id).fetch_optional(&mut **tx).await?)
}

/// The networks that `staff` works for, oldest first.
pub async fn networks_of(db: impl PgExecutor<'_>, staff: StaffId) -> Result<Vec<Versioned<Network>>, Error> {
    let networks = sqlx::query_as(
        "select n.* from networks n where n.id in (select network_id from memberships where staff_id = $1)
         order by n.created_at, n.id",
    );
    Ok(networks.bind(staff).fetch_all(db).await?)
}

/// The network with this id.
pub async fn network(db: impl PgExecutor<'_>, id: NetworkId) -> Result<Option<Versioned<Network>>, Error> {
    Ok(sqlx::query_as("select * from networks where id = $1").bind(id).fetch_optional(db).await?)
}

/// Keeps a changed network.
pub async fn save_network(tx: &mut Tx, network: &Network, version: i64) -> Result<(), Error> {
    sqlx::query("update networks set name = $2, reviews_enabled = $3, version = $4 where id = $1")
        .bind(network.id)
        .bind(&network.name)
        .bind(network.reviews_enabled)
        .bind(version)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether staff of `place` need a second factor, and the number of its changes.
pub async fn settings(db: impl PgExecutor<'_>, place: Place) -> Result<Option<(bool, i64)>, Error> {
    let settings = sqlx::query_as(
        "select factor_required, version from stores where id = $1
         union all select factor_required, version from networks where id = $2",
    );
    Ok(settings.bind(place.store()).bind(place.network()).fetch_optional(db).await?)
}

/// Keeps changed settings.
pub async fn save_settings(tx: &mut Tx, place: Place, factor_required: bool) -> Result<(), Error> {
    let (sql, id) = match place {
        Place::Store(id) => ("update stores set factor_required = $2, version = version + 1 where id = $1", id.uuid()),
        Place::Network(id) => {
            ("update networks set factor_required = $2, version = version + 1 where id = $1", id.uuid())
        }
    };
    sqlx::query(sql).bind(id).bind(factor_required).execute(&mut **tx).await?;
    Ok(())
}

/// Ids of the sessions without a second factor of those who work in `place`.
pub async fn bare_sessions(tx: &mut Tx, place: Place, factors: &[&str]) -> Result<Vec<(SessionId, StaffId)>, Error> {
    let sessions = sqlx::query_as(
        "select distinct s.id, m.staff_id from memberships m
         join sessions s on s.realm_id is null and s.subject_id = m.staff_id and not s.methods && $3
         where m.store_id = $1 or m.network_id = $2
            or m.store_id in (select id from stores where network_id = $2)",
    );
    Ok(sessions.bind(place.store()).bind(place.network()).bind(factors).fetch_all(&mut **tx).await?)
}
