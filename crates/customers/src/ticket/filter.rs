//! What lists of tickets are narrowed down by: comparisons that must all hold, each checked before any SQL is made of it.
use chrono::{DateTime, Utc};
use holdings::merged::push_kept;
use kit::{
    comparison::{self, VALUES, fault, flag, id, single, unknown_operator},
    failure::Violation,
    ids::{CustomerId, RealmId, StaffId, StoreId},
};
use proto::base::v1 as pb;
use sqlx::{Postgres, QueryBuilder};

use super::{Channel, Priority, Status};

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
    let conditions = comparison::all(filter, "tickets")?;
    let tests: Result<Vec<Vec<Test>>, Violation> = conditions.into_iter().map(test).collect();
    Ok(tests?.concat())
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
        ("assignee", "exists") => Ok(vec![Test::Assigned(flag(values)?)]),
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
    let tests = comparison::moments(op, values)?.into_iter();
    Ok(tests.map(|(compare, at)| Test::Moment(column, compare, at)).collect())
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
    use proto::base::v1::filter::Node;

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
