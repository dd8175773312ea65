//! Every column of every table is known to be personal or not.
use customers::customer::personal::{COLUMNS, IMPERSONAL, TABLES};

use crate::shop::Shop;

/// CU-15, ID-23: nobody adds a column without saying whether it is personal.
#[tokio::test]
async fn every_column_is_classified() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let sql = "select column_name::text from information_schema.columns
         where table_schema = current_schema() and table_name = 'customers' order by column_name";
    let columns: Vec<String> = sqlx::query_scalar(sql).fetch_all(shop.db.pool()).await?;
    let personal = COLUMNS.iter().flat_map(|(_, columns)| columns.iter().copied());
    let mut known: Vec<&str> = personal.chain(IMPERSONAL.iter().copied()).collect();
    known.sort_unstable();
    assert_eq!(columns, known);
    Ok(())
}

/// CU-15, ID-23: nor a table beside the record.
#[tokio::test]
async fn every_table_is_classified() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let sql = "select table_name || '.' || column_name from information_schema.columns
         where table_schema = current_schema() and table_name <> 'customers'";
    let mut columns: Vec<String> = sqlx::query_scalar(sql).fetch_all(shop.db.pool()).await?;
    // What the house keeps for every service holds no personal data in the clear.
    let house = ["_sqlx_migrations", "_kit_migrations", "outbox", "merged_customers", "inbox", "idempotency_keys", "dead_letters"];
    columns
        .retain(|column| !house.iter().any(|table| column.split('.').next().is_some_and(|of| of.starts_with(table))));
    let of = |table: &'static str, columns: &'static [&'static str]| {
        columns.iter().map(move |column| format!("{table}.{column}"))
    };
    let mut known: Vec<String> =
        TABLES.iter().flat_map(|(table, personal, rest)| of(table, personal).chain(of(table, rest))).collect();
    known.sort_unstable();
    columns.sort_unstable();
    assert_eq!(columns, known);
    Ok(())
}
