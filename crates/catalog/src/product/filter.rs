//! What lists of products are narrowed down by: comparisons that must all hold, each checked before SQL is made of it.
use kit::failure::Violation;
use proto::base::v1::{Condition, Filter, filter::Node};
use sqlx::{Postgres, QueryBuilder};

/// Most comparisons, and most values of one.
const MOST: usize = 40;

/// A comparison that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// A column is one of these words, or none of them; a product without a package has none.
    Among(&'static str, Vec<String>, bool),
    /// It can be bought, or not.
    Active(bool),
    /// It can be subscribed to, or not.
    Plans(bool),
    /// The least that it can be had for compares so.
    Price(&'static str, i64),
}

/// Reads a filter, or says what is wrong with it.
pub fn parse(filter: Option<&Filter>) -> Result<Vec<Test>, Violation> {
    let Some(filter) = filter else { return Ok(Vec::new()) };
    let all = match &filter.node {
        Some(Node::And(list)) => list.filters.as_slice(),
        _ => std::slice::from_ref(filter),
    };
    if all.len() > MOST {
        return Err(fault("too_many", "at most 40 comparisons"));
    }
    let mut tests = Vec::with_capacity(all.len());
    for filter in all {
        match &filter.node {
            Some(Node::Condition(condition)) => tests.extend(test(condition)?),
            _ => return Err(fault("malformed", "products are narrowed down by comparisons that all hold")),
        }
    }
    Ok(tests)
}

fn fault(code: &'static str, detail: impl Into<String>) -> Violation {
    Violation::new("/filter", code, detail.into())
}

fn test(Condition { field, op, values }: &Condition) -> Result<Vec<Test>, Violation> {
    let unknown = || fault("unknown_operator", format!("“{op}” does not apply to {field}"));
    let one = |test: fn(bool) -> Test| match values.as_slice() {
        [truth] if truth == "true" || truth == "false" => Ok(vec![test(truth == "true")]),
        _ => Err(fault("malformed", "this is true or false")),
    };
    match (field.as_str(), op.as_str()) {
        ("kind", "eq" | "ne" | "in" | "nin") => among("kind", &["physical", "digital"], op, values),
        ("package", "eq" | "ne" | "in" | "nin") => among("package", &["file", "bundle", "combo"], op, values),
        ("active", "eq") => one(Test::Active),
        ("plans", "exists") => one(Test::Plans),
        ("price", _) => prices(op, values).ok_or_else(unknown)?,
        ("kind" | "package" | "active" | "plans", _) => Err(unknown()),
        (other, _) => Err(fault("unknown_field", format!("products cannot be filtered by “{other}”"))),
    }
}

fn among(column: &'static str, known: &[&str], op: &str, values: &[String]) -> Result<Vec<Test>, Violation> {
    let few = if op == "eq" || op == "ne" { values.len() == 1 } else { (1..=MOST).contains(&values.len()) };
    if few && values.iter().all(|value| known.contains(&value.as_str())) {
        Ok(vec![Test::Among(column, values.to_vec(), op == "eq" || op == "in")])
    } else {
        Err(fault("unknown_value", format!("a {column} is one of {}", known.join(", "))))
    }
}

/// Comparisons of prices; none for an operator that they do not have.
fn prices(op: &str, values: &[String]) -> Option<Result<Vec<Test>, Violation>> {
    let compare: &[&'static str] = match op {
        "eq" => &[" = "],
        "ne" => &[" <> "],
        "lt" => &[" < "],
        "lte" => &[" <= "],
        "gt" => &[" > "],
        "gte" => &[" >= "],
        "between" => &[" >= ", " <= "],
        _ => return None,
    };
    let amounts: Option<Vec<i64>> = values.iter().map(|value| value.parse().ok()).collect();
    Some(match amounts {
        Some(amounts) if amounts.len() == compare.len() => {
            Ok(compare.iter().zip(amounts).map(|(compare, amount)| Test::Price(compare, amount)).collect())
        }
        _ => Err(fault("malformed", "compare prices with whole numbers of minor units")),
    })
}

impl Test {
    /// Adds `and` and this.
    pub fn write(&self, sql: &mut QueryBuilder<Postgres>) {
        match self {
            Self::Among(column, values, holds) => {
                sql.push(format_args!(" and coalesce({column} = any(")).push_bind(values.clone());
                sql.push(format_args!("), false) = {holds}"));
            }
            Self::Active(active) => drop(sql.push(if *active { " and active" } else { " and not active" })),
            Self::Plans(there) => {
                sql.push(format_args!(" and plans @> '[{{\"active\": true}}]' = {there}"));
            }
            Self::Price(compare, amount) => {
                sql.push(" and from_price").push(*compare).push_bind(*amount);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proto::base::v1::FilterList;

    use super::*;

    fn read(field: &str, op: &str, values: &[&str]) -> Result<usize, String> {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        let condition = Condition { field: field.to_owned(), op: op.to_owned(), values };
        let filter = Filter { node: Some(Node::Condition(condition)) };
        let both = Filter { node: Some(Node::And(FilterList { filters: vec![filter.clone()] })) };
        assert_eq!(parse(Some(&filter)), parse(Some(&both)));
        parse(Some(&filter)).map(|tests| tests.len()).map_err(|fault| fault.code.into_owned())
    }

    /// CA-1: what is not understood is refused, never ignored.
    #[test]
    fn nothing_unknown_is_ignored() {
        assert_eq!(read("package", "in", &["bundle", "combo"]), Ok(1));
        assert_eq!(read("plans", "exists", &["false"]), Ok(1));
        assert_eq!(read("price", "between", &["0", "100"]), Ok(2));
        for (field, op, values, code) in [
            ("weight", "eq", vec!["1"], "unknown_field"),
            ("kind", "contains", vec!["phys"], "unknown_operator"),
            ("kind", "eq", vec!["ghost"], "unknown_value"),
            ("kind", "eq", vec!["physical", "digital"], "unknown_value"),
            ("active", "eq", vec!["maybe"], "malformed"),
            ("active", "ne", vec!["true"], "unknown_operator"),
            ("plans", "eq", vec!["true"], "unknown_operator"),
            ("price", "in", vec!["1"], "unknown_operator"),
            ("price", "eq", vec!["1.5"], "malformed"),
            ("price", "between", vec!["1"], "malformed"),
        ] {
            assert_eq!(read(field, op, &values), Err(code.to_owned()), "{field} {op} {values:?}");
        }
        assert!(parse(Some(&Filter { node: Some(Node::Not(Box::default())) })).is_err());
    }
}
