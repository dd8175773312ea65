//! Filters of lists in the documentation: as query parameters and as trees.
use serde_json::{Value, json};
use utoipa::openapi::{
    Components, Ref, RefOr, Schema,
    path::{Operation, ParameterStyle},
};

use super::fields::{CARTS, CUSTOMERS, Field, LARGE, LISTS, ORDERS, SAVED, SUBSCRIPTIONS, TRANSACTIONS, Values};
use crate::request::list::CONDITIONS;

/// How the lists' routes name the parameter that is described here.
pub const PARAMETER: &str = "filter";
/// A tree of comparisons of customers.
pub const CUSTOMER_TREE: &str = "CustomerFilter";
/// One that can be saved.
pub const SEGMENT_TREE: &str = "SegmentFilter";
/// The same of orders.
pub const ORDER_TREE: &str = "OrderFilter";
/// The same of the ledger.
pub const TRANSACTION_TREE: &str = "TransactionFilter";
/// The same of subscriptions.
pub const SUBSCRIPTION_TREE: &str = "SubscriptionFilter";
/// Comparisons of carts, all of which must hold.
pub const CART_TREE: &str = "CartFilter";
const TREES: [(&str, &[Field]); 5] = [
    (CUSTOMER_TREE, CUSTOMERS),
    (SEGMENT_TREE, SAVED),
    (ORDER_TREE, ORDERS),
    (TRANSACTION_TREE, TRANSACTIONS),
    (SUBSCRIPTION_TREE, SUBSCRIPTIONS),
];

/// Whether the values of this field of customers are whole numbers.
pub fn is_number(field: &str) -> bool {
    let number = |values: Values| matches!(values, Values::Number | Values::Days);
    CUSTOMERS.iter().any(|(name, values, _)| *name == field && number(*values))
}

/// Adds the schemas of all filters to `components`.
pub fn add(components: &mut Components) {
    for (_, name, fields) in LISTS {
        components.schemas.insert((*name).to_owned(), schema(parameters(fields)));
    }
    for (name, fields) in TREES {
        components.schemas.insert(name.to_owned(), schema(tree(name, fields)));
    }
    components.schemas.insert(CART_TREE.to_owned(), schema(flat(CARTS)));
}

/// A schema that is written down as JSON; what cannot be read is seen in the document as anything at all.
pub fn schema(json: Value) -> RefOr<Schema> {
    serde_json::from_value(json).unwrap_or_default()
}

/// Says what `operation`, when it is a list with filters, is filtered by.
pub fn describe(operation: &mut Operation) {
    let id = operation.operation_id.clone().unwrap_or_default();
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        let list = LISTS.iter().find(|(list, ..)| *list == id && parameter.name == PARAMETER);
        if let Some((_, name, _)) = list {
            parameter.schema = Some(Ref::from_schema_name(*name).into());
            parameter.style = Some(ParameterStyle::Form);
            parameter.explode = Some(true);
        }
    }
}

/// Query parameters: one for each field and operator.
fn parameters(fields: &[Field]) -> Value {
    let names = fields.iter().flat_map(|(field, values, ops)| {
        ops.iter().map(move |op| (format!("{PARAMETER}[{field}][{op}]"), values.parameter(op)))
    });
    json!({
        "type": "object", "additionalProperties": false, "properties": names.collect::<serde_json::Map<_, _>>(),
        "maxProperties": CONDITIONS, "example": {},
        "description": "One parameter for each comparison, all of which must hold.",
    })
}

/// The same as a JSON tree.
fn tree(name: &str, fields: &[Field]) -> Value {
    let inner = json!({"$ref": format!("#/components/schemas/{name}")});
    let list = json!({"type": "array", "items": inner, "minItems": 1, "maxItems": 25});
    let mut nodes = vec![node("and", &list), node("or", &list), node("not", &inner)];
    nodes.extend(comparisons(fields));
    json!({"anyOf": nodes, "description": "Comparisons, put together by `and`, `or` and `not`.", "example": example(fields)})
}

/// A comparison, or several that all hold.
fn flat(fields: &[Field]) -> Value {
    let mut nodes = comparisons(fields);
    nodes.push(node("and", &json!({"type": "array", "items": {"anyOf": nodes}, "minItems": 1, "maxItems": 25})));
    json!({"anyOf": nodes, "description": "A comparison, or several that all hold.", "example": example(fields)})
}

fn node(name: &str, schema: &Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "required": [name], "properties": {name: schema}})
}

fn comparisons(fields: &[Field]) -> Vec<Value> {
    let one = |field: &str, op: &str, values: &Values| {
        json!({
            "type": "object", "additionalProperties": false, "required": ["field", "op", "value"],
            "properties": {
                "field": {"type": "string", "enum": [field]}, "op": {"type": "string", "enum": [op]},
                "value": values.operand(op),
            },
        })
    };
    fields.iter().flat_map(|(field, values, ops)| ops.iter().map(move |op| one(field, op, values))).collect()
}

/// The first choice that there is.
fn example(fields: &[Field]) -> Value {
    let choice = |(field, values, _): &Field| match values {
        Values::Choice(choices) => Some(json!({"field": field, "op": "eq", "value": choices.last()})),
        _ => None,
    };
    fields.iter().find_map(choice).unwrap_or_default()
}

impl Values {
    /// What stands for one value in a pattern.
    fn pattern(self, plain: &str) -> String {
        match self {
            Self::Text => format!(r"[^\x00-\x1f\x7f-\x9f{plain}]{{1,200}}"),
            Self::Choice(choices) => format!("({})", choices.join("|")),
            Self::Number => "-?[0-9]{1,18}".to_owned(),
            Self::Words => {
                format!(r"[^\x00-\x1f\x7f-\x9f{plain}]{{0,99}}[0-9A-Za-z][^\x00-\x1f\x7f-\x9f{plain}]{{0,99}}")
            }
            Self::Country => "[A-Za-z]{2}".to_owned(),
            Self::Currency => "[A-Za-z]{3}".to_owned(),
            Self::Flag => "(true|false)".to_owned(),
            Self::Days => "[1-9][0-9]{0,2}".to_owned(),
            Self::Time => String::new(),
            Self::Id(prefix) => format!("{prefix}_[0-9a-f]{{32}}"),
        }
    }

    /// The value of a query parameter.
    fn parameter(self, op: &str) -> Value {
        let text = |pattern: String| json!({"type": "string", "pattern": format!("^{pattern}$")});
        match (op, self) {
            ("exists", _) => json!({"type": "string", "enum": ["true", "false"]}),
            ("between", Self::Time) => json!({"type": "string", "format": "date-time-range"}),
            ("between", values) => text(format!("{0},{0}", values.pattern(","))),
            ("in" | "nin", values) => text(format!("{0}(,{0}){{0,99}}", values.pattern(","))),
            (_, Self::Time) => json!({"type": "string", "format": "date-time"}),
            (_, values) => text(values.pattern("")),
        }
    }

    /// The value in a tree.
    fn operand(self, op: &str) -> Value {
        let one = match self {
            Self::Number => {
                json!({"type": ["integer", "string"], "pattern": "^-?[0-9]{1,18}$", "minimum": -LARGE, "maximum": LARGE})
            }
            Self::Time => json!({"type": "string", "format": "date-time"}),
            Self::Choice(choices) => json!({"type": "string", "enum": choices}),
            Self::Text => {
                json!({"type": ["string", "number", "boolean"], "pattern": format!("^{}$", self.pattern(""))})
            }
            Self::Words | Self::Country | Self::Currency | Self::Id(_) => {
                json!({"type": "string", "pattern": format!("^{}$", self.pattern(""))})
            }
            Self::Flag => json!({"type": ["boolean", "string"], "enum": [true, false, "true", "false"]}),
            Self::Days => {
                json!({"type": ["integer", "string"], "pattern": "^[1-9][0-9]{0,2}$", "minimum": 1, "maximum": 3_650})
            }
        };
        match op {
            "exists" => json!({"type": ["boolean", "string"], "enum": [true, false, "true", "false"]}),
            "between" => json!({"type": "array", "items": one, "minItems": 2, "maxItems": 2}),
            "in" | "nin" => json!({"type": "array", "items": one, "minItems": 1, "maxItems": 100}),
            _ => one,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every list with filters says which, and every schema says what it was written as.
    #[test]
    fn every_list_says_its_filters() -> Result<(), serde_json::Error> {
        let document = serde_json::to_value(crate::openapi())?;
        let paths = document["paths"].as_object().into_iter().flatten();
        let mut lists = 0;
        for operation in paths.filter_map(|(_, item)| item.as_object()).flat_map(|item| item.values()) {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if parameter["name"] == PARAMETER {
                    lists += 1;
                    assert!(parameter["schema"]["$ref"].is_string(), "{}", operation["operationId"]);
                }
            }
        }
        assert_eq!(lists, LISTS.len());
        for (_, name, fields) in LISTS {
            let written = parameters(fields);
            assert!(document["components"]["schemas"][name]["properties"] == written["properties"], "{name} got lost");
        }
        for (name, fields) in TREES {
            let written = tree(name, fields);
            assert!(document["components"]["schemas"][name]["anyOf"] == written["anyOf"], "the tree got lost");
        }
        Ok(())
    }
}
