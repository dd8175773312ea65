//! Filters: `filter[field][op]=value` in a query, and the JSON tree that searches and segments take.
//!
//! Which fields there are is for the service to say, which refuses those it does not know; operators are the same
//! everywhere.
use kit::failure::Violation;
use proto::base::v1::{Condition, Filter, FilterList, filter::Node};
use serde_json::{Map, Value, json};

use crate::doc::filters::is_number;

/// What can be asked of a field.
const OPERATORS: [&str; 12] =
    ["eq", "ne", "in", "nin", "lt", "lte", "gt", "gte", "contains", "starts", "exists", "between"];
/// How deep a tree may be.
const DEPTH: usize = 10;
/// How many operands one comparison may have.
const OPERANDS: usize = 100;

/// All of `filters`; none when there are none.
pub fn all(mut filters: Vec<Filter>) -> Option<Filter> {
    match filters.len() {
        0 | 1 => filters.pop(),
        _ => Some(Filter { node: Some(Node::And(FilterList { filters })) }),
    }
}

/// A single comparison.
pub fn condition(field: &str, op: &str, values: Vec<String>) -> Filter {
    Filter { node: Some(Node::Condition(Condition { field: field.to_owned(), op: op.to_owned(), values })) }
}

/// Reads `filter[field][op]` with its value.
pub fn parameter(name: &str, value: &str) -> Result<Filter, Violation> {
    let unreadable = || Violation::new(format!("/{name}"), "malformed", "write filters as filter[field][op]=value");
    let (field, op) = name
        .strip_prefix("filter[")
        .and_then(|rest| rest.strip_suffix(']'))
        .and_then(|rest| rest.split_once("]["))
        .filter(|(field, op)| !field.is_empty() && !format!("{field}{op}").contains(['[', ']']))
        .ok_or_else(unreadable)?;
    let values = match op {
        "in" | "nin" | "between" => value.split(',').map(str::to_owned).collect(),
        _ => vec![value.to_owned()],
    };
    check(&format!("/{name}"), field, op, values)
}

/// Reads a tree of `and`, `or`, `not` and comparisons. `pointer` says where it stands.
pub fn tree(value: &Value, pointer: &str) -> Result<Filter, Violation> {
    node(value, pointer, DEPTH)
}

fn node(value: &Value, pointer: &str, depth: usize) -> Result<Filter, Violation> {
    if depth == 0 {
        return Err(Violation::new(pointer.to_owned(), "too_deep", format!("filters nest at most {DEPTH} deep")));
    }
    let Value::Object(members) = value else {
        return Err(Violation::new(pointer.to_owned(), "wrong_type", "a filter is an object"));
    };
    let node = match members.iter().next() {
        Some((name, value)) if members.len() == 1 && name == "and" => {
            Node::And(nodes(value, &format!("{pointer}/and"), depth)?)
        }
        Some((name, value)) if members.len() == 1 && name == "or" => {
            Node::Or(nodes(value, &format!("{pointer}/or"), depth)?)
        }
        Some((name, value)) if members.len() == 1 && name == "not" => {
            Node::Not(Box::new(self::node(value, &format!("{pointer}/not"), depth - 1)?))
        }
        _ => return comparison(members, pointer),
    };
    Ok(Filter { node: Some(node) })
}

fn nodes(value: &Value, pointer: &str, depth: usize) -> Result<FilterList, Violation> {
    let fault = || Violation::new(pointer.to_owned(), "wrong_type", "give a list of at least one filter");
    let members = value.as_array().filter(|members| !members.is_empty()).ok_or_else(fault)?;
    let filters = members.iter().enumerate().map(|(n, member)| node(member, &format!("{pointer}/{n}"), depth - 1));
    Ok(FilterList { filters: filters.collect::<Result<_, _>>()? })
}

fn comparison(members: &Map<String, Value>, pointer: &str) -> Result<Filter, Violation> {
    if let Some(other) = members.keys().find(|name| !["field", "op", "value"].contains(&name.as_str())) {
        let detail = "a filter has and, or, not, or field, op and value";
        return Err(Violation::new(format!("{pointer}/{other}"), "unknown_field", detail));
    }
    let text = |name: &str| {
        let fault = || Violation::new(format!("{pointer}/{name}"), "required", format!("{name} is required"));
        members.get(name).and_then(Value::as_str).ok_or_else(fault)
    };
    let (field, op) = (text("field")?, text("op")?);
    let here = format!("{pointer}/value");
    let several = matches!(op, "in" | "nin" | "between");
    let values = match members.get("value") {
        None => Err(Violation::new(here, "required", "value is required")),
        Some(Value::Array(values)) if several => values.iter().map(|value| operand(value, &here)).collect(),
        Some(value) if !several => operand(value, &here).map(|value| vec![value]),
        Some(_) => Err(Violation::new(here, "wrong_type", "in, nin and between take a list, the others one value")),
    };
    check(pointer, field, op, values?)
}

/// An operand as text, which is how services take it.
fn operand(value: &Value, pointer: &str) -> Result<String, Violation> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        _ => Err(Violation::new(pointer.to_owned(), "wrong_type", "a value is a text, a number or a truth")),
    }
}

/// A tree as the API writes it. Values are what they look like: services know them as text only.
pub fn written(filter: &Filter) -> Value {
    let all = |list: &FilterList| list.filters.iter().map(written).collect::<Vec<_>>();
    match filter.node.as_ref() {
        Some(Node::And(list)) => json!({ "and": all(list) }),
        Some(Node::Or(list)) => json!({ "or": all(list) }),
        Some(Node::Not(filter)) => json!({ "not": written(filter) }),
        Some(Node::Condition(Condition { field, op, values })) => {
            let several = matches!(op.as_str(), "in" | "nin" | "between");
            let mut values: Vec<_> = values.iter().map(|text| plain(field, op, text)).collect();
            let value = if several { Value::from(values) } else { values.pop().unwrap_or_default() };
            json!({ "field": field, "op": op, "value": value })
        }
        None => Value::Null,
    }
}

/// A number of a field of numbers, a truth, or a text.
fn plain(field: &str, op: &str, text: &str) -> Value {
    let number = || if is_number(field) { text.parse::<i64>().ok().map(Value::from) } else { None };
    match (op, field) {
        ("exists", _) | (_, "repeat") => text.parse::<bool>().map_or(Value::from(text), Value::from),
        _ => number().unwrap_or_else(|| Value::from(text)),
    }
}

fn check(pointer: &str, field: &str, op: &str, values: Vec<String>) -> Result<Filter, Violation> {
    let fault = |code: &'static str, detail: String| Err(Violation::new(pointer.to_owned(), code, detail));
    if !OPERATORS.contains(&op) {
        return fault("unknown_operator", format!("{op} is none of {}", OPERATORS.join(", ")));
    }
    let fits = match op {
        "in" | "nin" => (1..=OPERANDS).contains(&values.len()),
        "between" => values.len() == 2,
        "exists" => matches!(&*values, [truth] if truth == "true" || truth == "false"),
        _ => values.len() == 1,
    };
    if fits { Ok(condition(field, op, values)) } else { fault("malformed", format!("{op} takes other values")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(result: Result<Filter, Violation>) -> String {
        result.map_or_else(|fault| format!("{} {}", fault.pointer, fault.code), |_| "fine".to_owned())
    }

    #[test]
    fn parameters_become_comparisons() {
        let filter = parameter("filter[created_at][between]", "2026-01-01,2026-02-01");
        let values = vec!["2026-01-01".to_owned(), "2026-02-01".to_owned()];
        assert_eq!(filter, Ok(condition("created_at", "between", values)));
        for (name, value) in [
            ("filter[name][like]", "x"),
            ("filter[name]", "x"),
            ("filter[][eq]", "x"),
            ("filter[a][b][eq]", "x"),
            ("filter[seen][exists]", "maybe"),
            ("filter[created_at][between]", "2026-01-01"),
        ] {
            assert!(parameter(name, value).is_err(), "{name}={value}");
        }
    }

    /// CU-6: what was saved is shown as it was given.
    #[test]
    fn trees_are_written_as_they_were_read() {
        let given = json!({"or": [
            {"field": "orders_count", "op": "between", "value": [1, 20]},
            {"not": {"and": [{"field": "last_order_at", "op": "exists", "value": false}, {"field": "name", "op": "eq", "value": "7"}]}},
            {"field": "repeat", "op": "eq", "value": true},
            {"field": "at_risk", "op": "eq", "value": 90},
        ]});
        assert_eq!(tree(&given, "").map(|filter| written(&filter)), Ok(given));
    }

    #[test]
    fn trees_are_read_with_pointers() {
        let eq = |value: Value| json!({"field": "status", "op": "eq", "value": value});
        assert_eq!(code(tree(&json!({"and": [eq(json!("active")), {"not": eq(json!(1))}]}), "/filter")), "fine");
        assert_eq!(code(tree(&json!({"or": []}), "/filter")), "/filter/or wrong_type");
        assert_eq!(code(tree(&json!({"and": [eq(json!({}))]}), "/filter")), "/filter/and/0/value wrong_type");
        assert_eq!(code(tree(&json!({"field": "a", "op": "eq"}), "")), "/value required");
        assert_eq!(code(tree(&json!({"field": "a", "op": "is", "value": 1}), "")), " unknown_operator");
        assert_eq!(code(tree(&json!({"field": "a", "op": "eq", "value": 1, "x": 1}), "")), "/x unknown_field");
        let deep = (0..DEPTH).fold(eq(json!(1)), |inner, _| json!({"not": inner}));
        assert!(code(tree(&deep, "")).ends_with("too_deep"));
    }

    proptest! {
        #[test]
        fn any_parameter_is_read_or_refused(name in "filter\\[?[a-z\\[\\]]{0,20}", value in ".{0,20}") {
            let _ = parameter(&name, &value);
        }
    }
}
