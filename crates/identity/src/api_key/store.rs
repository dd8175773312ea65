//! All SQL of keys of integrations.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Tx,
    ids::{ApiKeyId, NetworkId, StoreId},
    secret,
};
use sqlx::PgExecutor;

use super::ApiKey;
use crate::{Error, membership::Place};

/// A key that was used less than this ago is not written again.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// Adds a key with its secret.
pub async fn insert(tx: &mut Tx, key: &ApiKey, secret: &str) -> Result<(), Error> {
    sqlx::query(
        "insert into api_keys (id, store_id, network_id, name, secret_hash, hint, permissions, allowed_ips, created_by,
                               created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(key.id)
    .bind(key.store_id)
    .bind(key.network_id)
    .bind(&key.name)
    .bind(secret::sha256(secret.as_bytes()))
    .bind(&key.hint)
    .bind(&key.permissions)
    .bind(&key.allowed_ips)
    .bind(&key.created_by)
    .bind(key.created_at)
    .bind(key.expires_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The keys of `place` that are not revoked, oldest first.
pub async fn of_place(db: impl PgExecutor<'_>, place: Place) -> Result<Vec<ApiKey>, Error> {
    let keys = match place {
        Place::Store(id) => {
            sqlx::query_as("select * from api_keys where store_id = $1 and revoked_at is null order by created_at, id")
                .bind(id.uuid())
        }
        Place::Network(id) => sqlx::query_as(
            "select * from api_keys where network_id = $1 and revoked_at is null order by created_at, id",
        )
        .bind(id.uuid()),
    };
    Ok(keys.fetch_all(db).await?)
}

/// A key of `place` that is not revoked.
pub async fn find(db: impl PgExecutor<'_>, id: ApiKeyId, place: Place) -> Result<Option<ApiKey>, Error> {
    let key = sqlx::query_as(
        "select * from api_keys where id = $1 and revoked_at is null
         and store_id is not distinct from $2 and network_id is not distinct from $3",
    );
    Ok(key.bind(id).bind(place.store()).bind(place.network()).fetch_optional(db).await?)
}

/// A key in use, and the store it was asked about or is of.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Used {
    /// The key.
    #[sqlx(flatten)]
    pub key: ApiKey,
    /// The store that is reached: the one asked for, else the one it is of.
    pub reached: Option<StoreId>,
    /// The network of the reached store.
    pub reached_network: Option<NetworkId>,
}

/// The key with this secret that is good at `now`, with whether it reaches `store`.
pub async fn find_used(
    db: impl PgExecutor<'_>,
    secret: &str,
    store: Option<StoreId>,
    now: DateTime<Utc>,
) -> Result<Option<Used>, Error> {
    let key = sqlx::query_as(
        "select k.*, s.id as reached, s.network_id as reached_network
         from api_keys k
         left join stores s on s.id = coalesce($2, k.store_id) and (s.id = k.store_id or s.network_id = k.network_id)
         where k.secret_hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $3)",
    );
    Ok(key.bind(secret::sha256(secret.as_bytes())).bind(store).bind(now).fetch_optional(db).await?)
}

/// Notes that a key was used at `now`, at most once a minute.
pub async fn touch(db: impl PgExecutor<'_>, id: ApiKeyId, now: DateTime<Utc>) -> Result<(), Error> {
    let touched = sqlx::query(
        "update api_keys set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at <= $3)",
    );
    touched.bind(id).bind(now).bind(now - TOUCH).execute(db).await?;
    Ok(())
}

/// Whether a use of `key` at `now` is to be noted.
#[must_use]
pub fn is_due(key: &ApiKey, now: DateTime<Utc>) -> bool {
    key.last_used_at.is_none_or(|at| at <= now - TOUCH)
}

/// Revokes a key; false when it was already.
pub async fn revoke(tx: &mut Tx, id: ApiKeyId, now: DateTime<Utc>) -> Result<bool, Error> {
    let revoked = sqlx::query("update api_keys set revoked_at = $2 where id = $1 and revoked_at is null");
    Ok(revoked.bind(id).bind(now).execute(&mut **tx).await?.rows_affected() == 1)
}
