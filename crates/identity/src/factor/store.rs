//! All SQL of second factors.
use chrono::{DateTime, Utc};
use kit::{Tx, ids::StaffId};
use sqlx::PgExecutor;

use crate::Error;

/// Enrols a sealed TOTP secret.
pub async fn insert(tx: &mut Tx, staff: StaffId, sealed: &[u8], now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query("insert into staff_factors (staff_id, kind, secret, created_at) values ($1, 'totp', $2, $3)")
        .bind(staff)
        .bind(sealed)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The sealed TOTP secret of `staff`.
pub async fn find(tx: &mut Tx, staff: StaffId) -> Result<Option<Vec<u8>>, Error> {
    let secret = sqlx::query_scalar("select secret from staff_factors where staff_id = $1 and kind = 'totp'");
    Ok(secret.bind(staff).fetch_optional(&mut **tx).await?)
}

/// Uses the code of `step` up; false when it, or a later one, was used before.
pub async fn use_step(tx: &mut Tx, staff: StaffId, step: i64) -> Result<bool, Error> {
    let used = sqlx::query(
        "update staff_factors set last_step = $2
         where staff_id = $1 and kind = 'totp' and (last_step is null or last_step < $2)",
    );
    Ok(used.bind(staff).bind(step).execute(&mut **tx).await?.rows_affected() == 1)
}

/// When the factor of `staff` was enrolled, and how many recovery codes are left.
pub async fn describe(db: impl PgExecutor<'_>, staff: StaffId) -> Result<(Option<DateTime<Utc>>, i64), Error> {
    let described = sqlx::query_as(
        "select (select created_at from staff_factors where staff_id = $1 and kind = 'totp'),
                (select count(*) from recovery_codes where staff_id = $1 and used_at is null)",
    );
    Ok(described.bind(staff).fetch_one(db).await?)
}

/// Puts a sealed TOTP secret in the place of the one before, with the code of `step` used up.
pub async fn replace(
    tx: &mut Tx,
    staff: StaffId,
    (sealed, step): (&[u8], i64),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "insert into staff_factors (staff_id, kind, secret, last_step, created_at) values ($1, 'totp', $2, $3, $4)
         on conflict on constraint staff_factors_pkey
         do update set secret = excluded.secret, last_step = excluded.last_step, created_at = excluded.created_at",
    )
    .bind(staff)
    .bind(sealed)
    .bind(step)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Puts recovery codes, hashed, in the place of all before.
pub async fn renew_recovery_codes(
    tx: &mut Tx,
    staff: StaffId,
    hashes: &[[u8; 32]],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query("delete from recovery_codes where staff_id = $1").bind(staff).execute(&mut **tx).await?;
    let hashes: Vec<&[u8]> = hashes.iter().map(<[u8; 32]>::as_slice).collect();
    sqlx::query("insert into recovery_codes (staff_id, code_hash, created_at) select $1, unnest($2::bytea[]), $3")
        .bind(staff)
        .bind(hashes)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Uses a recovery code up; false when it is none of theirs, or was used before.
pub async fn use_recovery_code(tx: &mut Tx, staff: StaffId, hash: &[u8], now: DateTime<Utc>) -> Result<bool, Error> {
    let used = sqlx::query(
        "update recovery_codes set used_at = $3 where staff_id = $1 and code_hash = $2 and used_at is null",
    );
    Ok(used.bind(staff).bind(hash).bind(now).execute(&mut **tx).await?.rows_affected() == 1)
}
