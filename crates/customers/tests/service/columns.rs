//! Every column of the record is known to be personal or not.
use customers::customer::personal::{COLUMNS, IMPERSONAL};

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
