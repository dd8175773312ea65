//! Erases a person from the tables of a service, as its list says.
use std::{collections::BTreeMap, fmt::Write};

use kit::{Error, Tx};
use sqlx::AssertSqlSafe;

use crate::{Person, Table};

/// How many rows of which table were seen to.
pub type Counts = BTreeMap<String, i64>;

/// Deletes the rows of `person` that go, and leaves in the others what the list says. Repeatable: what is erased
/// already is not counted again.
pub async fn erase(tx: &mut Tx, tables: &[Table], person: &Person) -> Result<Counts, Error> {
    let mut counts = Counts::new();
    for table in tables {
        for sql in deletion(table).into_iter().chain(anonymising(table)) {
            let rows = person.bind(sqlx::query(AssertSqlSafe(sql))).execute(&mut **tx).await?.rows_affected();
            if rows > 0 {
                *counts.entry(table.name.to_owned()).or_default() += i64::try_from(rows).unwrap_or(i64::MAX);
            }
        }
    }
    Ok(counts)
}

fn deletion(table: &Table) -> Option<String> {
    let (whose, deleted) = (table.whose?, table.deleted?);
    Some(format!("delete from {} where ({whose}) and ({deleted})", table.name))
}

/// Only rows in which something is left to be taken away.
fn anonymising(table: &Table) -> Option<String> {
    let whose = table.whose?;
    let (mut sets, mut differs) = (String::new(), String::new());
    for (name, columns) in table.each() {
        let Some(left) = columns.left().filter(|left| !left.is_empty()) else { continue };
        let (comma, or) = if sets.is_empty() { ("", "") } else { (", ", " or ") };
        let _ = write!(sets, "{comma}{name} = {left}");
        let _ = write!(differs, "{or}{name} is distinct from {left}");
    }
    (!sets.is_empty()).then(|| format!("update {} set {sets} where ({whose}) and ({differs})", table.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{plain, shown};

    #[test]
    fn statements_follow_from_the_list() {
        const CARTS: &[crate::Columns] =
            &[plain("id"), shown("email", "email", "null"), shown("name phone", "name", "''")];
        let carts = Table { name: "carts", whose: Some("who = $2"), deleted: Some("open"), columns: CARTS };
        assert_eq!(deletion(&carts).as_deref(), Some("delete from carts where (who = $2) and (open)"));
        let expected = "update carts set email = null, name = '', phone = '' where (who = $2) and \
                        (email is distinct from null or name is distinct from '' or phone is distinct from '')";
        assert_eq!(anonymising(&carts).as_deref(), Some(expected));
        assert_eq!(anonymising(&Table { columns: &[], ..carts }), None);
        assert_eq!(deletion(&Table { whose: None, ..carts }), None);
    }
}
