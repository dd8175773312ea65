//! All SQL of publishable keys.
use kit::ids::{NetworkId, StoreId};
use sqlx::PgExecutor;

use super::scope::Scope;
use crate::Error;

/// The store that a key belongs to.
pub async fn of_store_key(db: impl PgExecutor<'_>, key: &str) -> Result<Option<Scope>, Error> {
    let found = sqlx::query_as("select id, network_id from stores where key = $1");
    let found: Option<(StoreId, Option<NetworkId>)> = found.bind(key).fetch_optional(db).await?;
    Ok(found.map(|(store, network)| Scope { store: Some(store), network }))
}

/// The network that a key belongs to, with `store` if that is a member.
pub async fn of_network_key(
    db: impl PgExecutor<'_>,
    key: &str,
    store: Option<StoreId>,
) -> Result<Option<Scope>, Error> {
    let found: Option<(NetworkId, Option<StoreId>)> = sqlx::query_as(
        "select n.id, s.id from networks n left join stores s on s.network_id = n.id and s.id = $2 where n.key = $1",
    )
    .bind(key)
    .bind(store)
    .fetch_optional(db)
    .await?;
    Ok(found.map(|(network, store)| Scope { store, network: Some(network) }))
}
