//! All SQL of second factors.
use chrono::{DateTime, Utc};
use kit::{Tx, ids::StaffId};

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
