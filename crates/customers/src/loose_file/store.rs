//! All SQL of bytes that belong to nobody.
use chrono::{DateTime, Utc};
use kit::clock::Clock;
use sqlx::{PgConnection, PgExecutor};

use crate::Error;

/// Notes that bytes are about to be written at `place`; they are removed at `due`, unless somebody takes them over.
pub async fn expect(db: &mut PgConnection, place: &str, due: DateTime<Utc>) -> Result<(), Error> {
    let expect = "insert into loose_files (place, due_at) values ($1, $2)";
    sqlx::query(expect).bind(place).bind(due).execute(db).await?;
    Ok(())
}

/// Takes over the bytes at `places`; `false` when some of them are gone, or about to go.
pub async fn take(db: &mut PgConnection, places: &[String]) -> Result<bool, Error> {
    let taken = sqlx::query("delete from loose_files where place = any($1)").bind(places).execute(db).await?;
    Ok(taken.rows_affected() == places.len() as u64)
}

/// Says that there is nothing at `place` any more.
pub async fn forget(db: impl PgExecutor<'_>, place: &str) -> Result<(), Error> {
    sqlx::query("delete from loose_files where place = $1").bind(place).execute(db).await?;
    Ok(())
}

/// Where bytes are due to go, locked; others at work are not waited for.
pub async fn due(db: &mut PgConnection, clock: &Clock) -> Result<Option<String>, Error> {
    let due = "select place from loose_files where due_at <= coalesce($1, statement_timestamp())
               order by due_at limit 1 for update skip locked";
    Ok(sqlx::query_scalar(due).bind(clock.shared()).fetch_optional(db).await?)
}

/// Leaves bytes that could not be removed for `later`.
pub async fn put_off(db: &mut PgConnection, place: &str, later: DateTime<Utc>) -> Result<(), Error> {
    let put_off = "update loose_files set due_at = $2 where place = $1";
    sqlx::query(put_off).bind(place).bind(later).execute(db).await?;
    Ok(())
}
