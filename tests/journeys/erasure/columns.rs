//! Every column of every table of every schema.
use std::collections::BTreeSet;

use e2e::House;
use holdings::{Table, house::TABLES as OF_THE_HOUSE, list::faults};

/// CU-15, ID-23: nobody adds a column, or a table, without saying whether it is personal and what becomes of it.
#[tokio::test]
async fn every_column_of_every_schema_is_classified() -> anyhow::Result<()> {
    let house = House::one().await?;
    for (service, tables) in house::holdings() {
        let sql = "select table_name || '.' || column_name from information_schema.columns c
                   where table_schema = current_schema()";
        let there: Vec<String> = sqlx::query_scalar(sql).fetch_all(&house.tables(service).await?).await?;
        let there: BTreeSet<String> = there.into_iter().collect();
        let all = || OF_THE_HOUSE.iter().chain(tables);
        let column = |table: &Table| table.each().map(|(name, _)| format!("{}.{name}", table.name)).collect::<Vec<_>>();
        let known: BTreeSet<String> = all().flat_map(column).collect();
        let unclassified: Vec<_> = there.difference(&known).collect();
        assert!(
            unclassified.is_empty(),
            "{service}: nobody says what these columns tell of a person: {unclassified:?}"
        );
        let gone: Vec<_> = known.difference(&there).filter(|name| !is_of_the_house(name)).collect();
        assert!(gone.is_empty(), "{service}: there are no such columns: {gone:?}");
        assert_eq!(faults(tables), Vec::<String>::new());
    }
    Ok(())
}

/// Not every service has every table of the house.
fn is_of_the_house(column: &str) -> bool {
    OF_THE_HOUSE.iter().any(|table| column.split('.').next() == Some(table.name))
}
