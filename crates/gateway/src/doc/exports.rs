//! What files can be written of, for the documentation: of each list its columns, its filters, and what else narrows it down.
use serde_json::{Value, json};
use utoipa::openapi::Components;

use super::filters::{CART_TREE, CUSTOMER_TREE, ORDER_TREE, SUBSCRIPTION_TREE, TRANSACTION_TREE, schema};

/// The schema of a request, of which there is one for each list.
const REQUEST: &str = "NewExport";

/// A list: its schema, its types, its filters, what else of the request does not go with it, its columns.
type List = (&'static str, &'static [&'static str], &'static str, &'static [&'static str], &'static [&'static str]);

const LISTS: [List; 5] = [
    ("NewCustomerExport", &["customers", "leads"], CUSTOMER_TREE, &[], CUSTOMERS),
    ("NewOrderExport", &["orders"], ORDER_TREE, &["segment"], ORDERS),
    ("NewTransactionExport", &["transactions"], TRANSACTION_TREE, &["segment", "q"], TRANSACTIONS),
    ("NewSubscriptionExport", &["subscriptions"], SUBSCRIPTION_TREE, &["segment", "q"], SUBSCRIPTIONS),
    ("NewOpenCartExport", &["open_carts"], CART_TREE, &["segment", "q"], CARTS),
];

const CUSTOMERS: &[&str] = &[
    "id",
    "name",
    "email",
    "phone",
    "username",
    "business",
    "lifecycle",
    "registration",
    "status",
    "language",
    "tags",
    "consents",
    "orders_count",
    "total_spent",
    "average_order",
    "first_order_at",
    "last_order_at",
    "reviews_count",
    "subscriptions_active",
    "subscriptions_cancelled",
    "open_carts",
    "street",
    "postal_code",
    "city",
    "region",
    "country",
    "ip",
    "registered_at",
    "last_activity_at",
    "created_at",
    "updated_at",
];
const ORDERS: &[&str] = &[
    "id",
    "number",
    "store",
    "customer",
    "status",
    "payment_status",
    "fulfilment_status",
    "items",
    "subtotal",
    "discount",
    "shipping",
    "tax",
    "total",
    "currency",
    "gateway",
    "name",
    "email",
    "phone",
    "street",
    "postal_code",
    "city",
    "region",
    "country",
    "ip",
    "tags",
    "note",
    "subscription",
    "placed_at",
    "created_at",
    "updated_at",
];
const TRANSACTIONS: &[&str] = &[
    "id",
    "order",
    "number",
    "store",
    "customer",
    "type",
    "status",
    "amount",
    "currency",
    "gateway",
    "reference",
    "description",
    "method",
    "reason",
    "ip",
    "created_at",
];
const SUBSCRIPTIONS: &[&str] = &[
    "id",
    "store",
    "customer",
    "order",
    "product",
    "sku",
    "name",
    "quantity",
    "status",
    "plan",
    "interval",
    "count",
    "price",
    "amount",
    "currency",
    "target",
    "gateway",
    "period_start",
    "period_end",
    "renews_at",
    "trial_ends_at",
    "cancelled_at",
    "ends_at",
    "reason",
    "created_at",
    "updated_at",
];
const CARTS: &[&str] = &[
    "id",
    "store",
    "customer",
    "name",
    "email",
    "phone",
    "street",
    "postal_code",
    "city",
    "region",
    "country",
    "items",
    "pieces",
    "subtotal",
    "discount",
    "shipping",
    "tax",
    "total",
    "currency",
    "codes",
    "abandoned_at",
    "expires_at",
    "created_at",
    "updated_at",
];

/// Says of each list what a request for it takes. The request as the code has it takes whatever goes with any of them.
pub fn add(components: &mut Components) {
    let Some(request) = components.schemas.get(REQUEST) else { return };
    let mut request = serde_json::to_value(request).unwrap_or_default();
    let (description, example) = (request["description"].take(), request["example"].take());
    if let Some(request) = request.as_object_mut() {
        request.retain(|name, _| !["description", "example"].contains(&name.as_str()));
    }
    let lists = LISTS.iter().map(|list| (list.0, of(&request, list)));
    components.schemas.extend(lists.map(|(name, list)| (name.to_owned(), schema(list))));
    let choices: Vec<_> = LISTS.iter().map(|(name, ..)| json!({"$ref": reference(name)})).collect();
    let whole = json!({"oneOf": choices, "description": description, "example": example});
    components.schemas.insert(REQUEST.to_owned(), schema(whole));
}

fn reference(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

/// The request for one list.
fn of(request: &Value, (_, types, filter, without, columns): &List) -> Value {
    let mut request = request.clone();
    request["description"] = json!(format!("A file of {}.", types.join(" or ").replace('_', " ")));
    let properties = &mut request["properties"];
    properties["type"] = json!({"type": "string", "enum": types});
    properties["filter"] = json!({"$ref": reference(filter)});
    properties["columns"]["items"] = json!({"type": "string", "enum": columns});
    properties["columns"]["description"] = json!("Columns in their order, each once; the usual ones without any.");
    properties["columns"]["maxItems"] = json!(columns.len());
    if let Some(properties) = properties.as_object_mut() {
        properties.retain(|name, _| !without.contains(&name.as_str()));
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EX-1: the document says of each list which columns it has, and nothing of it got lost.
    #[test]
    fn every_list_says_its_columns() -> Result<(), serde_json::Error> {
        let document = serde_json::to_value(crate::openapi())?;
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas[REQUEST]["oneOf"].as_array().map(Vec::len), Some(LISTS.len()));
        for (name, types, filter, without, columns) in LISTS {
            let properties = &schemas[name]["properties"];
            assert_eq!(properties["type"]["enum"], json!(types), "{name}");
            assert_eq!(properties["filter"]["$ref"], reference(filter), "{name}");
            assert_eq!(properties["columns"]["items"]["enum"], json!(columns), "{name}");
            assert!(without.iter().all(|field| properties[field].is_null()) && !properties["from"].is_null(), "{name}");
        }
        Ok(())
    }
}
