//! What each list can be filtered by, for the documentation: fields, their operators and their values.
use serde_json::{Value, json};
use utoipa::openapi::{
    Components, Ref, RefOr, Schema,
    path::{Operation, ParameterStyle},
};

use super::choices::{HOOK_EVENTS, TEMPLATES};
use crate::request::list::CONDITIONS;

/// How the lists' routes name the parameter that is described here.
pub const PARAMETER: &str = "filter";

/// The values of a field.
#[derive(Clone, Copy)]
enum Values {
    Text,
    Choice(&'static [&'static str]),
    Number,
    Time,
    Id(&'static str),
    /// Text of which a letter or a digit is needed.
    Words,
    /// An ISO 3166-1 alpha-2 code.
    Country,
    /// An ISO 4217 code.
    Currency,
    /// Yes or no.
    Flag,
    /// A number of days.
    Days,
}

/// No number in a filter is larger.
const LARGE: i64 = 999_999_999_999_999_999;

type Field = (&'static str, Values, &'static [&'static str]);

const EQUAL: &[&str] = &["eq"];
const ANY_OF: &[&str] = &["eq", "ne", "in", "nin"];
const TEXT: &[&str] = &["eq", "ne", "in", "nin", "contains", "starts", "exists"];
const SET: &[&str] = &["eq", "ne", "in", "nin", "contains", "exists"];
const COUNT: &[&str] = &["eq", "ne", "in", "nin", "lt", "lte", "gt", "gte", "between"];
const SPAN: &[&str] = &["eq", "ne", "lt", "lte", "gt", "gte", "between"];
const EVENT: &[&str] = &["eq", "ne", "lt", "lte", "gt", "gte", "between", "exists"];

const CHANNELS: &[&str] = &["email", "sms", "push", "phone", "post"];

const SUBSCRIPTION: &[&str] = &["active", "past_due", "paused", "cancelled", "expired"];

const CUSTOMERS: &[Field] = &[
    ("id", Values::Id("cus"), ANY_OF),
    ("name", Values::Text, TEXT),
    ("email", Values::Text, TEXT),
    ("phone", Values::Text, TEXT),
    ("username", Values::Text, TEXT),
    ("lifecycle", Values::Choice(&["lead", "customer"]), ANY_OF),
    ("registration", Values::Choice(&["guest", "registered"]), ANY_OF),
    ("status", Values::Choice(&["active", "inactive"]), ANY_OF),
    ("tags", Values::Text, SET),
    ("orders_count", Values::Number, COUNT),
    ("total_spent", Values::Number, COUNT),
    ("created_at", Values::Time, SPAN),
    ("updated_at", Values::Time, SPAN),
    ("registered_at", Values::Time, EVENT),
    ("last_order_at", Values::Time, EVENT),
    ("last_activity_at", Values::Time, SPAN),
    ("country", Values::Country, ANY_OF),
    ("city", Values::Words, TEXT),
    ("region", Values::Words, TEXT),
    ("postal_code", Values::Words, TEXT),
    ("street", Values::Words, TEXT),
    ("business", Values::Words, TEXT),
    ("consent", Values::Choice(CHANNELS), ANY_OF),
    ("products", Values::Id("prd"), ANY_OF),
    ("subscription", Values::Choice(SUBSCRIPTION), ANY_OF),
    ("repeat", Values::Flag, EQUAL),
    ("at_risk", Values::Days, EQUAL),
    ("segment", Values::Id("seg"), ANY_OF),
];
/// What a segment asks for: all of these but segments.
const SAVED: &[Field] = match CUSTOMERS.split_last() {
    Some((_, fields)) => fields,
    None => &[],
};
const ORDERS: &[Field] = &[
    ("status", Values::Choice(&["pending", "placed", "completed", "cancelled"]), ANY_OF),
    ("payment_status", Values::Choice(&["pending", "paid", "partially_refunded", "refunded", "failed"]), ANY_OF),
    ("placed_at", Values::Time, SPAN),
    ("total", Values::Number, SPAN),
    ("number", Values::Text, &["eq", "ne", "in", "nin", "starts"]),
];
const PRODUCTS: &[Field] = &[
    ("kind", Values::Choice(&["physical", "digital"]), ANY_OF),
    ("package", Values::Choice(&["file", "bundle", "combo"]), ANY_OF),
    ("active", Values::Flag, EQUAL),
    ("plans", Values::Flag, &["exists"]),
    ("price", Values::Number, SPAN),
];
const TRANSACTIONS: &[Field] = &[
    ("type", Values::Choice(&["authorization", "capture", "payment", "refund", "void"]), ANY_OF),
    ("status", Values::Choice(&["succeeded", "failed"]), ANY_OF),
    ("gateway", Values::Choice(&["test", "manual"]), ANY_OF),
    ("amount", Values::Number, SPAN),
    ("created_at", Values::Time, SPAN),
    ("order", Values::Id("ord"), EQUAL),
];
const SUBSCRIPTIONS: &[Field] = &[
    ("status", Values::Choice(SUBSCRIPTION), ANY_OF),
    ("product", Values::Id("prd"), EQUAL),
    ("renews_at", Values::Time, SPAN),
    ("created_at", Values::Time, SPAN),
];
const CUSTOMER: Field = ("customer", Values::Id("cus"), EQUAL);
const CARTS: &[Field] = &[
    CUSTOMER,
    CART_STATUS,
    ("product", Values::Id("prd"), &["eq", "in"]),
    ("abandoned", Values::Flag, EQUAL),
    ("currency", Values::Currency, ANY_OF),
    ("store", Values::Id("sto"), EQUAL),
    ("created_at", Values::Time, MOMENT),
    ("updated_at", Values::Time, MOMENT),
    ("expires_at", Values::Time, MOMENT),
    ("abandoned_at", Values::Time, MOMENT),
];
const CART_STATUS: Field = ("status", Values::Choice(&["open", "closed", "expired"]), EQUAL);
const TEMPLATE: Field = ("template", Values::Choice(TEMPLATES), EQUAL);
const MESSAGE_STATUS: Field = ("status", Values::Choice(&["queued", "sent", "delivered", "bounced", "failed"]), EQUAL);
const DELIVERIES: &[Field] = &[
    ("state", Values::Choice(&["pending", "delivered", "failed"]), EQUAL),
    ("event", Values::Choice(HOOK_EVENTS), EQUAL),
    ("created_at", Values::Time, &["gt", "gte", "lt", "lte", "between"]),
];
const SUBJECT: Field = ("subject", Values::Id("(prd|sto)"), EQUAL);
const AUTHOR: Field = ("author", Values::Id("cus"), EQUAL);
const AUDIT: &[Field] = &[
    ("actor", Values::Text, EQUAL),
    ("impersonator", Values::Text, EQUAL),
    ("action", Values::Text, EQUAL),
    ("target", Values::Text, EQUAL),
    ("ip", Values::Text, EQUAL),
    ("request_id", Values::Text, EQUAL),
    ("at", Values::Time, &["gt", "gte", "lt", "lte", "between"]),
];

const VERDICTS: &[Field] = &[
    ("kind", Values::Choice(&["unused", "spam"]), EQUAL),
    ("reason", Values::Choice(REASONS), EQUAL),
    ("score", Values::Number, &["gte"]),
];
const REASONS: &[&str] = &[
    "blocked",
    "url_in_name",
    "contact_in_name",
    "disposable_domain",
    "advert_in_name",
    "mixed_scripts",
    "gibberish_name",
    "burst",
    "email_series",
    "small_burst",
];
const MOMENT: &[&str] = &["lt", "lte", "gt", "gte", "between"];
const TICKETS: &[Field] = &[
    ("status", Values::Choice(&["new", "open", "pending", "solved", "closed"]), ANY_OF),
    ("priority", Values::Choice(&["low", "normal", "high", "urgent"]), ANY_OF),
    ("channel", Values::Choice(&["portal", "api", "staff"]), ANY_OF),
    ("assignee", Values::Id("stf"), &["eq", "in", "exists"]),
    ("tags", Values::Text, EQUAL),
    CUSTOMER,
    ("store", Values::Id("sto"), EQUAL),
    ("created_at", Values::Time, MOMENT),
    ("updated_at", Values::Time, MOMENT),
];

/// The name of what a list is filtered by, and its fields, by operation.
const LISTS: &[(&str, &str, &[Field])] = &[
    ("admin_list_customers", "CustomerFilters", CUSTOMERS),
    ("admin_list_leads", "CustomerFilters", CUSTOMERS),
    ("admin_list_orders", "OrderFilters", ORDERS),
    ("admin_list_customer_orders", "OrderFilters", ORDERS),
    ("admin_list_products", "ProductFilters", PRODUCTS),
    ("admin_list_transactions", "TransactionFilters", TRANSACTIONS),
    ("admin_list_customer_transactions", "TransactionFilters", TRANSACTIONS),
    ("admin_list_subscriptions", "SubscriptionFilters", SUBSCRIPTIONS),
    ("admin_list_customer_subscriptions", "SubscriptionFilters", SUBSCRIPTIONS),
    ("admin_list_carts", "CartFilters", CARTS),
    ("admin_list_customer_carts", "CartFilters", CARTS),
    ("admin_list_messages", "MessageFilters", &[CUSTOMER, TEMPLATE, MESSAGE_STATUS]),
    ("admin_list_customer_messages", "CustomerMessageFilters", &[TEMPLATE, MESSAGE_STATUS]),
    ("admin_list_suppressions", "SuppressionFilters", &[CUSTOMER]),
    ("admin_list_reviews", "ReviewFilters", &[SUBJECT, AUTHOR]),
    ("admin_list_customer_reviews", "CustomerReviewFilters", &[SUBJECT]),
    ("admin_list_webhook_deliveries", "WebhookDeliveryFilters", DELIVERIES),
    ("admin_list_tickets", "TicketFilters", TICKETS),
    ("admin_list_customer_tickets", "TicketFilters", TICKETS),
    ("admin_list_verdicts", "VerdictFilters", VERDICTS),
    ("admin_list_timeline", "TimelineFilters", &[("kind", Values::Text, EQUAL)]),
    ("admin_list_audit", "AuditFilters", AUDIT),
    ("admin_export_audit", "AuditFilters", AUDIT),
];

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
