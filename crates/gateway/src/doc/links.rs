//! Which operation goes on from which: the `links` of the document, for people who read it and for tools that follow
//! them.
use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::{
    RefOr,
    link::{Link, LinkBuilder},
    path::Operation,
};

/// From an answer to an operation that takes something of it: both by name, the status in between; then parameters
/// with what is put there, or a body.
type Step = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const ID: &str = "$response.body#/id";
const FIRST: &str = "$response.body#/0/id";
const LISTED: &str = "$response.body#/data/0/id";
const TOKEN: &str = "$response.body#/token";
/// In the place of a parameter's name: a member of the body.
const IN_BODY: &str = "body.";

const STEPS: &[Step] = &[
    ("storefront_about", "200", "storefront_look_up", &[("id", ID)]),
    ("storefront_about", "200", "storefront_list_reviews", &[("subject", ID)]),
    ("storefront_about", "200", "storefront_count_reviews", &[("subject", ID)]),
    ("storefront_list_products", "200", "storefront_get_product", &[("id", FIRST)]),
    ("storefront_list_products", "200", "storefront_list_reviews", &[("subject", FIRST)]),
    ("storefront_list_products", "200", "storefront_submit_review", &[("body.subject", FIRST)]),
    ("storefront_get_product", "200", "storefront_count_reviews", &[("subject", ID)]),
    ("storefront_open_cart", "200", "storefront_get_cart", &[("id", ID)]),
    ("storefront_open_cart", "200", "storefront_add_item", &[("id", ID)]),
    ("storefront_open_cart", "200", "storefront_delete_cart", &[("id", ID)]),
    ("storefront_add_item", "200", "storefront_set_item", &[("id", ID), ("item", "$response.body#/items/0/id")]),
    ("storefront_add_item", "200", "storefront_remove_item", &[("id", ID), ("item", "$response.body#/items/0/id")]),
    ("storefront_add_item", "200", "storefront_set_contact", &[("id", ID)]),
    ("storefront_add_item", "200", "storefront_empty_cart", &[("id", ID)]),
    ("storefront_add_item", "200", "storefront_before_checkout", &[("cart", ID)]),
    ("storefront_add_item", "200", "storefront_begin_checkout", &[("body.cart", ID), ("body.gateway", "test")]),
    ("storefront_set_contact", "200", "storefront_begin_checkout", &[("body.cart", ID), ("body.gateway", "test")]),
    (
        "storefront_begin_checkout",
        "200",
        "storefront_capture_checkout",
        &[("body.token", TOKEN), ("body.payment_method", "pm_test_ok")],
    ),
    ("storefront_begin_checkout", "200", "storefront_get_checkout_status", &[("token", TOKEN)]),
    (
        "storefront_before_checkout",
        "200",
        "storefront_capture_checkout",
        &[("body.token", TOKEN), ("body.payment_method", "pm_test_ok")],
    ),
    ("storefront_capture_checkout", "200", "storefront_get_order", &[("id", ID)]),
    ("storefront_list_own_orders", "200", "storefront_get_order", &[("id", FIRST)]),
    ("storefront_list_reviews", "200", "storefront_get_review", &[("id", FIRST)]),
    ("storefront_submit_review", "201", "storefront_get_review", &[("id", ID)]),
    ("storefront_submit_review", "201", "storefront_delete_review", &[("id", ID)]),
    ("storefront_get_profile", "200", "storefront_update_profile", &[("id", ID)]),
    ("storefront_log_in", "200", "storefront_get_profile", &[("id", ID)]),
    ("admin_create_session", "200", "admin_verify_factor", &[("body.challenge", "$response.body#/challenge")]),
    ("admin_create_product", "201", "admin_get_product", &[("id", ID)]),
    ("admin_create_product", "201", "admin_update_product", &[("id", ID)]),
    ("admin_list_products", "200", "admin_get_product", &[("id", LISTED)]),
    ("admin_list_products", "200", "admin_update_product", &[("id", LISTED)]),
    ("admin_list_customers", "200", "admin_get_customer", &[("id", LISTED)]),
    ("admin_search_customers", "200", "admin_get_customer", &[("id", LISTED)]),
    ("admin_list_leads", "200", "admin_get_customer", &[("id", LISTED)]),
    ("admin_get_customer", "200", "admin_get_profile", &[("id", ID)]),
    ("admin_get_customer", "200", "admin_list_customer_orders", &[("id", ID)]),
    ("admin_get_customer", "200", "admin_list_customer_carts", &[("id", ID)]),
    ("admin_get_customer", "200", "admin_list_customer_messages", &[("id", ID)]),
    ("admin_get_customer", "200", "admin_list_customer_reviews", &[("id", ID)]),
    ("admin_list_orders", "200", "admin_get_order", &[("id", LISTED)]),
    ("admin_list_customer_orders", "200", "admin_get_order", &[("id", LISTED)]),
    ("admin_get_order", "200", "admin_get_customer", &[("id", "$response.body#/customer_id")]),
    ("admin_list_messages", "200", "admin_get_message", &[("id", LISTED)]),
    ("admin_list_reviews", "200", "admin_delete_review", &[("id", LISTED)]),
];

/// Adds the links that start at `operation`.
pub fn add(operation: &mut Operation) {
    let name = operation.operation_id.clone().unwrap_or_default();
    for (_, status, target, given) in STEPS.iter().filter(|(from, ..)| *from == name) {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(*status) {
            response.links.insert((*target).to_owned(), RefOr::T(link(target, given)));
        }
    }
}

fn link(target: &str, given: &[(&str, &str)]) -> Link {
    let mut link = LinkBuilder::new().operation_id(target);
    let mut body = BTreeMap::new();
    for (name, value) in given {
        match name.strip_prefix(IN_BODY) {
            Some(member) => _ = body.insert(member, *value),
            None => link = link.parameter(*name, *value),
        }
    }
    let body: Option<Value> = (!body.is_empty()).then(|| json!(body));
    link.request_body(body).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every step starts at an answer that there is, and leads to an operation that takes what it is given.
    #[test]
    fn links_lead_somewhere() -> Result<(), serde_json::Error> {
        let document = serde_json::to_value(crate::openapi())?;
        let paths = document["paths"].as_object().into_iter().flatten();
        let operations: Vec<&Value> =
            paths.filter_map(|(_, item)| item.as_object()).flat_map(|item| item.values()).collect();
        let find = |name: &str| operations.iter().find(|operation| operation["operationId"] == name);
        for (from, status, target, given) in STEPS {
            let link = find(from).map(|operation| &operation["responses"][status]["links"][target]["operationId"]);
            assert_eq!(link, Some(&json!(target)), "{from} {status}");
            let target = find(target).unwrap_or(&&Value::Null);
            for (name, _) in given.iter().filter(|(name, _)| !name.starts_with(IN_BODY)) {
                let parameters = target["parameters"].as_array().into_iter().flatten();
                assert!(parameters.clone().any(|parameter| parameter["name"] == *name), "{from} gives {name} in vain");
            }
        }
        Ok(())
    }
}
