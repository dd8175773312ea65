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
}

/// The key to sign with.
pub async fn newest(db: impl PgExecutor<'_>) -> Result<Option<Key>, Error> {
    let key = sqlx::query_as(
        "select id, seed, public_key from signing_keys where retired_at is null order by created_at desc, id desc limit 1",
    );
    Ok(key.fetch_optional(db).await?)
}

/// All keys that assertions may still be signed with.
pub async fn good(db: impl PgExecutor<'_>) -> Result<Vec<Key>, Error> {
    let keys = sqlx::query_as("select id, seed, public_key from signing_keys where retired_at is null order by id");
    Ok(keys.fetch_all(db).await?)
}

/// Waits until no other process is making a key.
pub async fn lock(tx: &mut Tx) -> Result<(), Error> {
    let lock = "select pg_advisory_xact_lock(hashtextextended('signing key ' || current_schema(), 0))";
    sqlx::query(lock).execute(&mut **tx).await?;
    Ok(())
}

/// Adds a key.
pub async fn insert(tx: &mut Tx, key: &Key, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query("insert into signing_keys (id, seed, public_key, created_at) values ($1, $2, $3, $4)")
        .bind(key.id)
        .bind(&key.seed)
        .bind(&key.public_key)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
