//! All SQL of signing keys.
use chrono::{DateTime, Utc};
use kit::Tx;
use sqlx::PgExecutor;

use crate::Error;

kit::id! {
    /// A key that assertions are signed with.
    KeyId, "key";
}

/// A signing key.
#[derive(Debug, sqlx::FromRow)]
pub struct Key {
    /// Its id, which assertions name.
    pub id: KeyId,
    /// Ed25519 seed, sealed.
    pub seed: Vec<u8>,
    /// Ed25519 public key.
    pub public_key: Vec<u8>,
    /// From when it signs.
    pub active_at: DateTime<Utc>,
}

/// The key to sign with at `now`: the newest that has been published for long enough.
pub async fn active(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<Option<Key>, Error> {
    let key = sqlx::query_as(
        "select id, seed, public_key, active_at from signing_keys where retired_at is null and active_at <= $1
         order by active_at desc, id desc limit 1",
    );
    Ok(key.bind(now).fetch_optional(db).await?)
}

/// The public halves of all keys whose assertions are good at `now`: those that rest, the present and the next one.
pub async fn published(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<Vec<(KeyId, Vec<u8>)>, Error> {
    let keys = sqlx::query_as(
        "select id, public_key from signing_keys where retired_at is null or retired_at > $1 order by active_at, id",
    );
    Ok(keys.bind(now).fetch_all(db).await?)
}

/// All keys that are not retired, oldest first: those that rest, the present and the next one.
pub async fn standing(db: impl PgExecutor<'_>) -> Result<Vec<Key>, Error> {
    let keys = sqlx::query_as(
        "select id, seed, public_key, active_at from signing_keys where retired_at is null order by active_at, id",
    );
    Ok(keys.fetch_all(db).await?)
}

/// Retires a key for ever: its secret half is gone. What it has signed is good until `end`.
pub async fn retire(tx: &mut Tx, id: KeyId, end: DateTime<Utc>) -> Result<(), Error> {
    let retired = sqlx::query("update signing_keys set retired_at = $2, seed = '' where id = $1");
    retired.bind(id).bind(end).execute(&mut **tx).await?;
    Ok(())
}

/// Lets a key sign from `now` on, earlier than was meant.
pub async fn promote(tx: &mut Tx, id: KeyId, now: DateTime<Utc>) -> Result<(), Error> {
    let promoted = sqlx::query("update signing_keys set active_at = $2 where id = $1");
    promoted.bind(id).bind(now).execute(&mut **tx).await?;
    Ok(())
}

/// Waits until no other process is making a key.
pub async fn lock(tx: &mut Tx) -> Result<(), Error> {
    let lock = "select pg_advisory_xact_lock(hashtextextended('signing key ' || current_schema(), 0))";
    sqlx::query(lock).execute(&mut **tx).await?;
    Ok(())
}

/// Adds a key.
pub async fn insert(tx: &mut Tx, key: &Key, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query("insert into signing_keys (id, seed, public_key, created_at, active_at) values ($1, $2, $3, $4, $5)")
        .bind(key.id)
        .bind(&key.seed)
        .bind(&key.public_key)
        .bind(now)
        .bind(key.active_at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
