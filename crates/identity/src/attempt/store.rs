//! All SQL of attempts.
use chrono::{DateTime, Utc};
use kit::Tx;
use sqlx::PgExecutor;

use super::attempt::{Attempts, Limit};
use crate::Error;

/// Counts a try of what `key` stands for, or says how long to wait. To be committed before the answer is judged, so
/// that tries that come all at once are counted one by one.
pub async fn count(tx: &mut Tx, limit: &Limit, key: &[u8], now: DateTime<Utc>) -> Result<(), Error> {
    // The conflict's empty update locks the row.
    let attempts: Attempts = sqlx::query_as(
        "insert into attempts as a (kind, key, tries, tried_at, free_at) values ($1, $2, 0, $3, $3)
         on conflict on constraint attempts_pkey do update set tries = a.tries
         returning tries, tried_at, free_at",
    )
    .bind(limit.kind)
    .bind(key)
    .bind(now)
    .fetch_one(&mut **tx)
    .await?;
    let attempts = attempts.count(limit, now).map_err(Error::TooManyTries)?;
    sqlx::query("update attempts set tries = $3, tried_at = $4, free_at = $5 where kind = $1 and key = $2")
        .bind(limit.kind)
        .bind(key)
        .bind(attempts.tries)
        .bind(attempts.tried_at)
        .bind(attempts.free_at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Takes back the try of `at`, because a part of the house was away and nobody has judged it. What others tried since
/// then stays counted.
pub async fn take_back(db: impl PgExecutor<'_>, limit: &Limit, key: &[u8], at: DateTime<Utc>) -> Result<(), Error> {
    let taken = "update attempts set tries = greatest(tries - 1, 0), free_at = tried_at
                 where kind = $1 and key = $2 and tried_at = $3";
    sqlx::query(taken).bind(limit.kind).bind(key).bind(at).execute(db).await?;
    Ok(())
}

/// Forgets the tries of what `key` stands for, because one succeeded.
pub async fn forget(tx: &mut Tx, limit: &Limit, key: &[u8]) -> Result<(), Error> {
    let forgotten = sqlx::query("delete from attempts where kind = $1 and key = $2");
    forgotten.bind(limit.kind).bind(key).execute(&mut **tx).await?;
    Ok(())
}
