//! Migrations: schemas of their own, and no lock left behind.
use std::borrow::Cow;

use sqlx::{
    Connection, PgConnection,
    migrate::{Migration, MigrationType, Migrator},
};
use testing::database;

static TABLES: Migrator = sqlx::migrate!("tests/migrations");

/// DESIGN §8: a failed migration leaves no lock behind, so the next one is not held up.
#[tokio::test]
async fn a_failed_migration_holds_nobody_up() -> anyhow::Result<()> {
    let url = database::fresh(&[("kit", &TABLES)]).await?;
    let sql = sqlx::SqlSafeStr::into_sql_str("create table broken (");
    let broken = Migration::new(1, Cow::Borrowed("broken"), MigrationType::Simple, sql, false);
    let broken = Migrator { migrations: Cow::Owned(vec![broken]), ..Migrator::DEFAULT };
    assert!(kit::db::migrate(&url, "broken", &broken).await.is_err());
    let next = kit::db::migrate(&url, "next", &TABLES);
    tokio::time::timeout(std::time::Duration::from_secs(20), next).await??;
    Ok(())
}

/// DESIGN §1: each service's tables, bookkeeping included, lie in its own schema; several may migrate at once.
#[tokio::test]
async fn every_service_has_its_own_schema() -> anyhow::Result<()> {
    let url = database::fresh(&[]).await?;
    let (one, two, again) = tokio::join!(
        kit::db::migrate(&url, "one", &TABLES),
        kit::db::migrate(&url, "two", &TABLES),
        kit::db::migrate(&url, "one", &TABLES),
    );
    one.and(two).and(again)?;
    let mut connection = PgConnection::connect(&url).await?;
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select schemaname::text, tablename::text from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2",
    )
    .fetch_all(&mut connection)
    .await?;
    let names = [
        "_kit_migrations",
        "_sqlx_migrations",
        "dead_letters",
        "idempotency_keys",
        "inbox",
        "merged_customers",
        "outbox",
        "seen",
    ];
    let expected: Vec<_> = ["one", "two"]
        .into_iter()
        .flat_map(|schema| names.map(|table| (schema.to_owned(), table.to_owned())))
        .collect();
    assert_eq!(tables, expected);
    Ok(())
}
