//! All SQL of challenges.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{self, StaffId},
    secret,
};
use uuid::Uuid;

use super::challenge::{Challenge, LIFETIME, TRIES};
use crate::Error;

/// Adds a challenge to `staff` that is answered with `token`.
pub async fn insert(tx: &mut Tx, staff: StaffId, token: &str, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query(
        "insert into challenges (id, token_hash, staff_id, created_at, expires_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(ids::uuid(now))
    .bind(secret::sha256(token.as_bytes()))
    .bind(staff)
    .bind(now)
    .bind(now + LIFETIME)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Counts a try; `None` when the challenge is over. To be committed before the answer is judged.
pub async fn count_try(tx: &mut Tx, token: &str, now: DateTime<Utc>) -> Result<Option<Challenge>, Error> {
    let challenge = sqlx::query_as(
        "update challenges set tries = tries + 1
         where token_hash = $1 and used_at is null and expires_at > $2 and tries < $3
         returning id, staff_id",
    )
    .bind(secret::sha256(token.as_bytes()))
    .bind(now)
    .bind(TRIES)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(challenge)
}

/// Uses a challenge up; false when somebody did.
pub async fn consume(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool, Error> {
    let used = sqlx::query("update challenges set used_at = $2 where id = $1 and used_at is null");
    Ok(used.bind(id).bind(now).execute(&mut **tx).await?.rows_affected() == 1)
}
