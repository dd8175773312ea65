//! All SQL of publishable keys.
use kit::ids::{NetworkId, StoreId};
use sqlx::PgExecutor;

use super::scope::Scope;
use crate::Error;

/// The store that a key belongs to.
pub async fn of_store_key(db: impl PgExecutor<'_>, key: &str) -> Result<Option<Scope>, Error> {
    let found = sqlx::query_as(
        "select id, network_id, exists (select from blocks b where b.realm_id = s.realm_id) from stores s where key = $1",
    );
    let found: Option<(StoreId, Option<NetworkId>, bool)> = found.bind(key).fetch_optional(db).await?;
    Ok(found.map(|(store, network, has_blocks)| Scope { store: Some(store), network, has_blocks }))
}

/// A store by its id.
pub async fn of_store(db: impl PgExecutor<'_>, store: StoreId) -> Result<Option<Scope>, Error> {
    let found = sqlx::query_as(
        "select network_id, exists (select from blocks b where b.realm_id = s.realm_id) from stores s where id = $1",
    );
    let found: Option<(Option<NetworkId>, bool)> = found.bind(store).fetch_optional(db).await?;
    Ok(found.map(|(network, has_blocks)| Scope { store: Some(store), network, has_blocks }))
}

/// The network that a key belongs to, with `store` if that is a member.
pub async fn of_network_key(
    db: impl PgExecutor<'_>,
    key: &str,
    store: Option<StoreId>,
) -> Result<Option<Scope>, Error> {
    let found: Option<(NetworkId, Option<StoreId>, bool)> = sqlx::query_as(
        "select n.id, s.id, exists (select from blocks b where b.realm_id = n.id)
         from networks n left join stores s on s.network_id = n.id and s.id = $2 where n.key = $1",
    )
    .bind(key)
    .bind(store)
    .fetch_optional(db)
    .await?;
    Ok(found.map(|(network, store, has_blocks)| Scope { store, network: Some(network), has_blocks }))
}
