//! Database sessions that nobody attends to any more: they hold up nobody else for long.
use std::time::{Duration, Instant};

use kit::{Db, Error, secret::Secrets};
use sqlx::migrate::Migrator;
use testing::{database, rig::SECRET};

static TABLES: Migrator = sqlx::migrate!("tests/migrations");

async fn db() -> anyhow::Result<Db> {
    let url = database::fresh(&[("orders", &TABLES)]).await?;
    let db = Db::connect(&url, "orders", 3, &Secrets::parse(SECRET)?)?;
    sqlx::query("insert into seen values ('a', 1)").execute(db.pool()).await?;
    Ok(db)
}

/// PL-1: a process that stands still in a transaction gives its locks up; when it goes on it is told to try again.
#[tokio::test]
async fn a_transaction_that_stands_still_lets_others_on() -> anyhow::Result<()> {
    let db = db().await?;
    let limit: String = sqlx::query_scalar("show idle_in_transaction_session_timeout").fetch_one(db.pool()).await?;
    assert_eq!(limit, "15s");
    let mut frozen = db.begin_own().await?;
    sqlx::query("set local idle_in_transaction_session_timeout = '200ms'").execute(&mut *frozen).await?;
    sqlx::query("update seen set times = 2").execute(&mut *frozen).await?;
    let mut other = db.begin_own().await?;
    sqlx::query("update seen set times = 3").execute(&mut *other).await?;
    other.commit().await?;
    let late = sqlx::query("update seen set times = 4").execute(&mut *frozen).await.map_err(Error::from);
    assert!(late.as_ref().is_err_and(Error::is_transient), "{late:?}");
    drop(frozen);
    let times: i32 = sqlx::query_scalar("select times from seen").fetch_one(db.pool()).await?;
    assert_eq!(times, 3);
    Ok(())
}

/// PL-1: a statement whose request was given up ends on the server, too, though nothing else would end it.
#[tokio::test]
async fn a_statement_nobody_waits_for_ends() -> anyhow::Result<()> {
    let db = db().await?;
    let mut holder = db.begin_own().await?;
    sqlx::query("update seen set times = 2").execute(&mut *holder).await?;
    let waiting = tokio::spawn({
        let db = db.clone();
        async move {
            let mut tx = db.begin_own().await?;
            sqlx::query("set local statement_timeout = 0").execute(&mut *tx).await?;
            sqlx::query("update seen set times = 3").execute(&mut *tx).await?;
            Ok::<_, Error>(())
        }
    });
    until(&db, 1).await?;
    waiting.abort();
    until(&db, 0).await?;
    holder.rollback().await?;
    Ok(())
}

/// Waits until so many sessions wait for a lock.
async fn until(db: &Db, count: i64) -> anyhow::Result<()> {
    let started = Instant::now();
    let query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(query).fetch_one(db.pool()).await? != count {
        anyhow::ensure!(started.elapsed() < Duration::from_secs(30), "{count} sessions that wait were expected");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
