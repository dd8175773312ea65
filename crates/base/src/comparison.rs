//! Comparisons that lists are narrowed down by, where all of them must hold: read before any SQL is made of them.
use chrono::{DateTime, Utc};
use proto::base::v1::{Condition, Filter, filter::Node};

use crate::failure::Violation;

/// Most comparisons.
const MOST: usize = 40;
/// Most values of one.
pub const VALUES: usize = 100;

/// The comparisons of `filter`, or what is wrong with it. `members` says what is listed.
pub fn all<'a>(filter: Option<&'a Filter>, members: &str) -> Result<Vec<&'a Condition>, Violation> {
    let Some(filter) = filter else { return Ok(Vec::new()) };
    let plain = |filter: &'a Filter| match filter.node.as_ref() {
        Some(Node::Condition(one)) => Ok(one),
        _ => Err(fault("malformed", format!("{members} are narrowed down by comparisons that all hold"))),
    };
    let conditions = match filter.node.as_ref() {
        Some(Node::And(list)) => list.filters.iter().map(plain).collect::<Result<Vec<_>, _>>()?,
        _ => vec![plain(filter)?],
    };
    if conditions.len() > MOST { Err(fault("too_many", "at most 40 comparisons")) } else { Ok(conditions) }
}

/// What is wrong with a filter.
#[must_use]
pub fn fault(code: &'static str, detail: impl Into<String>) -> Violation {
    Violation::new("/filter", code, detail.into())
}

/// That its operator does not apply to a field.
#[must_use]
pub fn unknown_operator(condition: &Condition) -> Violation {
    fault("unknown_operator", format!("“{}” does not apply to {}", condition.op, condition.field))
}

/// The one value of a comparison that takes one.
pub fn single(values: &[String]) -> Result<&str, Violation> {
    match values {
        [value] => Ok(value),
        _ => Err(fault("malformed", "this takes one value")),
    }
}

/// A value that is an id.
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, Violation> {
    text.parse().map_err(|_| fault("malformed", "this is not an id of the kind asked for"))
}

/// A value that is `true` or `false`.
pub fn flag(values: &[String]) -> Result<bool, Violation> {
    single(values)?.parse().map_err(|_| fault("malformed", "this is true or false"))
}

/// How a time has to compare with others: SQL's operators, and the others.
pub fn moments(op: &str, values: &[String]) -> Result<Vec<(&'static str, DateTime<Utc>)>, Violation> {
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
            return Ok(vec![(" >= ", low), (" <= ", high)]);
        }
        _ => return Err(fault("unknown_operator", format!("“{op}” does not apply to times"))),
    };
    let [at] = at[..] else { return Err(fault("malformed", "this takes one value")) };
    Ok(vec![(compare, at)])
}
