//! All SQL of challenges.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{self, StaffId},
    secret,
};
use uuid::Uuid;

use super::challenge::{Challenge, LIFETIME, Purpose, TRIES};
use crate::Error;

/// A challenge to add.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Whose it is.
    pub staff: StaffId,
    /// What it is for.
    pub purpose: Purpose,
    /// What it is answered with.
    pub token: &'a str,
    /// TOTP secret to enrol, sealed.
    pub secret: Option<&'a [u8]>,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Adds a challenge.
pub async fn insert(tx: &mut Tx, entry: &Entry<'_>) -> Result<(), Error> {
    sqlx::query(
        "insert into challenges (id, token_hash, staff_id, purpose, secret, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(ids::uuid(entry.now))
    .bind(secret::sha256(entry.token.as_bytes()))
    .bind(entry.staff)
    .bind(entry.purpose)
    .bind(entry.secret)
    .bind(entry.now)
    .bind(entry.now + LIFETIME)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The challenge to sign in that is answered with `token`, without counting a try.
pub async fn find(tx: &mut Tx, token: &str, now: DateTime<Utc>) -> Result<Option<Challenge>, Error> {
    let challenge = sqlx::query_as(
        "select id, staff_id, secret from challenges
         where token_hash = $1 and purpose = 'sign_in' and used_at is null and expires_at > $2 and tries < $3",
    )
    .bind(secret::sha256(token.as_bytes()))
    .bind(now)
    .bind(TRIES)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(challenge)
}

/// Puts a sealed TOTP secret to enrol into a challenge.
pub async fn set_secret(tx: &mut Tx, id: Uuid, sealed: &[u8]) -> Result<(), Error> {
    let set = sqlx::query("update challenges set secret = $2 where id = $1");
    set.bind(id).bind(sealed).execute(&mut **tx).await?;
    Ok(())
}

/// Counts a try; `None` when the challenge is over. To be committed before the answer is judged.
pub async fn count_try(
    tx: &mut Tx,
    purpose: Purpose,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Challenge>, Error> {
    let challenge = sqlx::query_as(
        "update challenges set tries = tries + 1
         where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3 and tries < $4
         returning id, staff_id, secret",
    )
    .bind(secret::sha256(token.as_bytes()))
    .bind(purpose)
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
