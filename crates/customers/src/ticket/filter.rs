//! What lists of tickets are narrowed down by: comparisons that must all hold, each checked before any SQL is made of it.
use chrono::{DateTime, Utc};
use holdings::merged::push_kept;
use kit::{
    failure::Violation,
    ids::{CustomerId, RealmId, StaffId, StoreId},
};
use proto::base::v1::{self as pb, filter::Node};
use sqlx::{Postgres, QueryBuilder};

use super::{Channel, Priority, Status};

/// Most comparisons.
const MOST: usize = 40;
/// Most values of one.
const VALUES: usize = 100;

/// A comparison that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// A column is one of these words, or none of them.
    Among(&'static str, Vec<String>, bool),
    /// Somebody of these sees to it.
    Assignee(Vec<StaffId>),
    /// Whether anybody does.
    Assigned(bool),
    /// It has this tag.
    Tag(String),
    /// It is this customer's.
    Customer(CustomerId),
    /// It was opened in this store.
    Store(StoreId),
    /// A moment compares so.
    Moment(&'static str, &'static str, DateTime<Utc>),
}

/// Reads a filter, or says what is wrong with it.
pub fn parse(filter: Option<&pb::Filter>) -> Result<Vec<Test>, Violation> {
    let Some(filter) = filter else { return Ok(Vec::new()) };
    let conditions: Vec<&pb::Condition> = match filter.node.as_ref() {
        Some(Node::Condition(one)) => vec![one],
        Some(Node::And(list)) => list.filters.iter().map(plain).collect::<Result<_, _>>()?,
        _ => return Err(fault("malformed", "tickets are narrowed down by comparisons that all hold")),
    };
    if conditions.len() > MOST {
        return Err(fault("too_many", "at most 40 comparisons"));
    }
    let tests: Result<Vec<Vec<Test>>, Violation> = conditions.into_iter().map(test).collect();
    Ok(tests?.concat())
}

fn plain(filter: &pb::Filter) -> Result<&pb::Condition, Violation> {
    match filter.node.as_ref() {
        Some(Node::Condition(one)) => Ok(one),
        _ => Err(fault("malformed", "tickets are narrowed down by comparisons that all hold")),
    }
}

fn fault(code: &'static str, detail: impl Into<String>) -> Violation {
    Violation::new("/filter", code, detail.into())
}

fn test(condition: &pb::Condition) -> Result<Vec<Test>, Violation> {
    let (op, values) = (condition.op.as_str(), &condition.values);
    let (statuses, priorities) = (Status::ALL.map(Status::slug), Priority::ALL.map(Priority::slug));
    match (condition.field.as_str(), op) {
        ("status", _) => among("status", &statuses, op, values),
        ("priority", _) => among("priority", &priorities, op, values),
        ("channel", _) => among("channel", &Channel::ALL.map(Channel::slug), op, values),
        ("assignee", "eq") => Ok(vec![Test::Assignee(vec![id(single(values)?)?])]),
        ("assignee", "in") if (1..=VALUES).contains(&values.len()) => {
            Ok(vec![Test::Assignee(values.iter().map(|value| id(value)).collect::<Result<_, _>>()?)])
        }
        ("assignee", "exists") => {
            let there = single(values)?.parse().map_err(|_| fault("malformed", "exists is true or false"))?;
            Ok(vec![Test::Assigned(there)])
        }
        ("tags", "eq") => {
            let tag = single(values)?;
            let sound = !tag.is_empty() && tag.chars().count() <= 200 && !tag.chars().any(char::is_control);
            if sound { Ok(vec![Test::Tag(tag.to_owned())]) } else { Err(fault("malformed", "this is no tag")) }
        }
        ("customer", "eq") => Ok(vec![Test::Customer(id(single(values)?)?)]),
        ("store", "eq") => Ok(vec![Test::Store(id(single(values)?)?)]),
        ("created_at", _) => moments("t.created_at", op, values),
        ("updated_at", _) => moments("t.updated_at", op, values),
        ("assignee" | "tags" | "customer" | "store", _) => Err(unknown_operator(condition)),
        (other, _) => Err(fault("unknown_field", format!("tickets cannot be filtered by “{other}”"))),
    }
}

fn unknown_operator(condition: &pb::Condition) -> Violation {
    fault("unknown_operator", format!("“{}” does not apply to {}", condition.op, condition.field))
}

fn single(values: &[String]) -> Result<&str, Violation> {
    match values {
        [value] => Ok(value),
        _ => Err(fault("malformed", "this takes one value")),
    }
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, Violation> {
    text.parse().map_err(|_| fault("malformed", "this is not an id of the kind asked for"))
}

fn among(column: &'static str, known: &[&'static str], op: &str, values: &[String]) -> Result<Vec<Test>, Violation> {
    let few = match op {
        "eq" | "ne" => values.len() == 1,
        "in" | "nin" => (1..=VALUES).contains(&values.len()),
        _ => return Err(fault("unknown_operator", format!("“{op}” does not apply to {column}"))),
    };
    if !few || values.iter().any(|value| !known.contains(&value.as_str())) {
        return Err(fault("unknown_value", format!("a {column} is one of {}", known.join(", "))));
    }
    Ok(vec![Test::Among(column, values.to_vec(), matches!(op, "eq" | "in"))])
}

fn moments(column: &'static str, op: &str, values: &[String]) -> Result<Vec<Test>, Violation> {
    let read = |text: &String| {
        let at = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
        at.map_err(|_| fault("malformed", "compare with times such as 2026-03-02T12:00:00Z"))
    };
    let at: Vec<DateTime<Utc>> = values.iter().map(read).collect::<Result<_, _>>()?;
    let compare = match op {
        "lt" => " < ",
        "lte" => " <= ",
        "gt" => " > ",
        "gte" => " >= ",
        "between" => {
            let [low, high] = at[..] else { return Err(fault("malformed", "between takes two values")) };
            return Ok(vec![Test::Moment(column, " >= ", low), Test::Moment(column, " <= ", high)]);
        }
        _ => return Err(fault("unknown_operator", format!("“{op}” does not apply to times"))),
    };
    let [at] = at[..] else { return Err(fault("malformed", "this takes one value")) };
    Ok(vec![Test::Moment(column, compare, at)])
}

impl Test {
    /// Adds `and` and this, among tickets `t` of `realm`.
    pub fn write(&self, realm: RealmId, sql: &mut QueryBuilder<Postgres>) {
        sql.push(" and ");
        match self {
            Self::Among(column, values, true) if values.len() == 1 => {
                sql.push(format!("t.{column} = ")).push_bind(values[0].clone());
            }
            Self::Among(column, values, holds) => {
                let any = if *holds { "= any(" } else { "<> all(" };
                sql.push(format!("t.{column} {any}")).push_bind(values.clone()).push(")");
            }
            Self::Assignee(staff) => {
                let staff: Vec<_> = staff.iter().map(|id| id.uuid()).collect();
                sql.push("t.assignee_id = any(").push_bind(staff).push(")");
            }
            Self::Assigned(there) => {
                sql.push(if *there { "t.assignee_id is not null" } else { "t.assignee_id is null" });
            }
            Self::Tag(tag) => {
                sql.push("t.tags @> array[").push_bind(tag.clone()).push("]");
            }
            Self::Customer(customer) => {
                sql.push("t.customer_id = ");
                push_kept(sql, realm, *customer);
            }
            Self::Store(store) => {
                sql.push("t.store_id = ").push_bind(*store);
            }
            Self::Moment(column, compare, at) => {
                sql.push(*column).push(*compare).push_bind(*at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: &str, op: &str, values: &[&str]) -> Result<usize, String> {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        let condition = pb::Condition { field: field.to_owned(), op: op.to_owned(), values };
        let filter = pb::Filter { node: Some(Node::Condition(condition)) };
        parse(Some(&filter)).map(|tests| tests.len()).map_err(|fault| fault.code.into_owned())
    }

    /// ST-1: what is not understood is refused, never ignored.
    #[test]
    fn nothing_unknown_is_ignored() {
        assert_eq!(read("status", "in", &["open", "pending"]), Ok(1));
        assert_eq!(read("created_at", "between", &["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]), Ok(2));
        for (field, op, values, code) in [
            ("shoe_size", "eq", vec!["42"], "unknown_field"),
            ("status", "contains", vec!["open"], "unknown_operator"),
            ("status", "eq", vec!["ajar"], "unknown_value"),
            ("status", "eq", vec!["open", "new"], "unknown_value"),
            ("assignee", "ne", vec!["stf_1"], "unknown_operator"),
            ("assignee", "eq", vec!["stf_1"], "malformed"),
            ("assignee", "exists", vec!["maybe"], "malformed"),
            ("tags", "eq", vec!["a\0b"], "malformed"),
            ("updated_at", "gt", vec!["yesterday"], "malformed"),
            ("updated_at", "between", vec!["2026-01-01T00:00:00Z"], "malformed"),
        ] {
            assert_eq!(read(field, op, &values), Err(code.to_owned()), "{field} {op} {values:?}");
        }
        let nested = pb::Filter { node: Some(Node::Not(Box::default())) };
        assert!(parse(Some(&nested)).is_err());
    }
}
