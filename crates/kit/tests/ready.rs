//! Readiness: what operators see at once, and everybody else within a second.
use std::time::Duration;

use axum::http::StatusCode;
use base::secret::Secrets;
use kit::{Db, ready::Readiness};
use mesh::listener::Ending;
use sqlx::{Connection, PgConnection, migrate::Migrator};
use testing::database;
use tokio::time::Instant;

static TABLES: Migrator = sqlx::migrate!("tests/migrations");
const READY: (StatusCode, &str) = (StatusCode::OK, "ready");

/// PL-5: a database that went away is seen by operators at once, by the public a second later, and no sooner, so that
/// asking often costs it nothing; an end that was announced is seen by both.
#[tokio::test]
async fn the_public_is_told_what_was_seen_within_a_second() -> anyhow::Result<()> {
    testing::log();
    let url = database::fresh(&[("orders", &TABLES)]).await?;
    let db = Db::connect(&url, "orders", 1, &Secrets::parse(&"ab".repeat(32))?)?;
    let (ending, start) = (Ending::default(), Instant::now());
    let ready = Readiness::new(ending.clone(), vec![db]);
    assert_eq!((ready.look().await, ready.glance(start).await), (READY, READY));
    drop_database(&url).await?;
    let gone = (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer");
    let second = Duration::from_secs(1);
    assert_eq!(ready.look().await, gone);
    assert_eq!(ready.glance(start + second - Duration::from_nanos(1)).await, READY);
    assert_eq!(ready.glance(start + second).await, gone);
    ending.announced.cancel();
    let leaving = (StatusCode::SERVICE_UNAVAILABLE, "draining");
    assert_eq!((ready.look().await, ready.glance(start + second).await), (leaving, leaving));
    Ok(())
}

async fn drop_database(url: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(&mut connection).await?;
    connection.close().await?;
    let (server, _) = url.rsplit_once(&name).unwrap_or((url, ""));
    let mut connection = PgConnection::connect(&format!("{server}postgres")).await?;
    let drop = format!("drop database \"{name}\" with (force)");
    sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&mut connection).await?;
    Ok(())
}
