//! All SQL of codes. There is one row per question: a newer code takes the place of the older.
use chrono::{DateTime, Utc};
use kit::{
    Tx, ids,
    secret::{self, Secrets},
};
use uuid::Uuid;

use super::code::{Issued, LIFETIME, Question, TRIES, Tried};
use crate::Error;

/// Makes a code. One that is not `usable` looks the same and never answers its question (ID-7).
pub async fn issue(
    tx: &mut Tx,
    question: &Question<'_>,
    secrets: &Secrets,
    usable: bool,
    now: DateTime<Utc>,
) -> Result<Issued, Error> {
    let issued = Issued { id: ids::uuid(now), code: secret::code() };
    let right = question.hash(&issued.code, secrets);
    let hashes = question.identity_hashes(secrets);
    sqlx::query(
        "with former as (delete from codes where realm_id = $1 and purpose = $2 and identity_hash = any($8))
         insert into codes (realm_id, purpose, identity_hash, id, code_hash, tries, created_at, expires_at)
         values ($1, $2, $3, $4, $5, 0, $6, $7)
         on conflict on constraint codes_pkey do update
           set id = excluded.id, code_hash = excluded.code_hash, tries = 0, created_at = excluded.created_at,
               expires_at = excluded.expires_at, used_at = null",
    )
    .bind(question.realm)
    .bind(question.purpose)
    .bind(hashes[0])
    .bind(issued.id)
    .bind(if usable { right } else { secret::random() })
    .bind(now)
    .bind(now + LIFETIME)
    .bind(&hashes[1..])
    .execute(&mut **tx)
    .await?;
    Ok(issued)
}

/// Counts a try; `None` when no code can be tried. To be committed before the code is compared.
pub async fn count_try(
    tx: &mut Tx,
    question: &Question<'_>,
    secrets: &Secrets,
    now: DateTime<Utc>,
) -> Result<Option<Tried>, Error> {
    let tried = sqlx::query_as(
        "update codes set tries = tries + 1
         where realm_id = $1 and purpose = $2 and identity_hash = any($3)
           and used_at is null and expires_at > $4 and tries < $5
         returning id, code_hash",
    )
    .bind(question.realm)
    .bind(question.purpose)
    .bind(question.identity_hashes(secrets))
    .bind(now)
    .bind(TRIES)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(tried)
}

/// Uses a code up; false when somebody did, or a newer one took its place.
pub async fn consume(
    tx: &mut Tx,
    question: &Question<'_>,
    secrets: &Secrets,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let used = sqlx::query(
        "update codes set used_at = $5
         where realm_id = $1 and purpose = $2 and identity_hash = any($3) and id = $4 and used_at is null",
    )
    .bind(question.realm)
    .bind(question.purpose)
    .bind(question.identity_hashes(secrets))
    .bind(id)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(used.rows_affected() == 1)
}
