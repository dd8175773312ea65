//! Connections under failure: what is broken off, killed or used up never reaches the next caller (PL-2).
use std::time::Duration;

use base::secret::Secrets;
use kit::{Db, Error, failure::Failure};
use sqlx::{Connection, PgConnection, migrate::Migrator};
use testing::database;

static TABLES: Migrator = sqlx::migrate!("tests/migrations");

/// A database of one connection, so that the next caller gets what the one before left.
async fn single() -> anyhow::Result<Db> {
    sized(1).await.map(|(db, _)| db)
}

async fn sized(connections: u32) -> anyhow::Result<(Db, String)> {
    testing::log();
    let url = database::fresh(&[("orders", &TABLES)]).await?;
    Ok((Db::connect(&url, "orders", connections, &Secrets::parse(&"ab".repeat(32))?)?, url))
}

async fn seen(db: &Db) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from seen").fetch_one(db.pool()).await
}

/// PL-2: a transaction that is dropped undoes what it did, and its connection is good for the next.
#[tokio::test]
async fn a_dropped_transaction_is_rolled_back() -> anyhow::Result<()> {
    let db = single().await?;
    let mut tx = db.begin_own().await?;
    sqlx::query("insert into seen values ('a', 1)").execute(&mut *tx).await?;
    drop(tx);
    assert_eq!(seen(&db).await?, 0);
    let mut tx = db.begin_own().await?;
    sqlx::query("insert into seen values ('a', 1)").execute(&mut *tx).await?;
    tx.commit().await?;
    assert_eq!(seen(&db).await?, 1);
    Ok(())
}

/// PL-2: a transaction with a failed statement leaves nothing behind.
#[tokio::test]
async fn a_failed_transaction_is_rolled_back() -> anyhow::Result<()> {
    let db = single().await?;
    let mut tx = db.begin_own().await?;
    sqlx::query("insert into seen values ('a', 1)").execute(&mut *tx).await?;
    assert!(sqlx::query("select 1 / 0").execute(&mut *tx).await.is_err());
    drop(tx);
    assert_eq!(seen(&db).await?, 0);
    Ok(())
}

/// A query whose caller hangs up does not answer the next one.
#[tokio::test]
async fn a_query_broken_off_does_not_answer_the_next() -> anyhow::Result<()> {
    let db = single().await?;
    seen(&db).await?;
    let slow = sqlx::query("select pg_sleep(0.5), 7").execute(db.pool());
    assert!(tokio::time::timeout(Duration::from_millis(50), slow).await.is_err());
    assert_eq!(seen(&db).await?, 0);
    Ok(())
}

/// PL-2: a connection that the server ended is replaced; whoever had it learns that they may try again.
#[tokio::test]
async fn a_connection_that_was_ended_is_replaced() -> anyhow::Result<()> {
    let (db, url) = sized(1).await?;
    let process: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(db.pool()).await?;
    let mut other = PgConnection::connect(&url).await?;
    let ended: bool =
        sqlx::query_scalar("select pg_terminate_backend($1, 5000)").bind(process).fetch_one(&mut other).await?;
    assert!(ended);
    let error = seen(&db).await.expect_err("the connection is gone");
    assert!(Error::from(error).is_transient());
    assert_eq!(seen(&db).await?, 0);
    Ok(())
}

/// Who finds all connections taken is told to come later, and the connections are there afterwards.
#[tokio::test]
async fn a_full_pool_is_an_outage() -> anyhow::Result<()> {
    let (db, _) = sized(2).await?;
    let (one, two) = (db.begin_own().await?, db.pool().acquire().await?);
    let error = db.begin_own().await.err().expect("all connections are taken");
    assert!(error.is_transient() && error.retry_after().is_some());
    drop((one, two));
    assert_eq!(seen(&db).await?, 0);
    Ok(())
}
