//! Customers and leads (CU-5).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::{failure::Violation, permission::Permission};
use proto::{
    base::v1::PageRequest,
    customers::v1::{GetCustomerRequest, ListCustomersRequest},
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{ToSchema, openapi::Ref};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    customer::Customer,
    list_query::{self, CustomerSorts, Filters, Pages, Totals},
};
use crate::{
    answer::Answer,
    caller::Caller,
    doc::filters::CUSTOMER_TREE,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        filter,
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::List,
};

/// The routes about customers and leads.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_customers))
        .routes(routes!(search_customers))
        .routes(routes!(get_customer))
        .routes(routes!(list_leads))
}

const OFFER: Offer = &[Extra::Search, Extra::Filters, Extra::Sorts, Extra::Total];

/// A search by a filter tree.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "filter": {"and": [
        {"field": "lifecycle", "op": "eq", "value": "customer"},
        {"not": {"field": "status", "op": "eq", "value": "inactive"}},
    ]},
    "sort": "-created_at", "limit": 25,
}))]
pub struct CustomerSearch {
    /// `{"and": […]}`, `{"or": […]}`, `{"not": …}` or `{"field", "op", "value"}`.
    #[schema(schema_with = filter_tree)]
    pub filter: Option<Value>,
    /// Default search, by part of a word; it needs a letter or a digit.
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub q: Option<String>,
    /// Names of fields, separated by commas, `-` in front for descending.
    #[schema(
        pattern = r"^(-?(id|name|total_spent|orders_count|registered_at|last_order_at|created_at|updated_at)(,-?(id|name|total_spent|orders_count|registered_at|last_order_at|created_at|updated_at))*)?$"
    )]
    pub sort: Option<String>,
    /// Members wanted, 1 to 100.
    #[schema(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
    /// `page.next` of a former answer.
    #[schema(format = "cursor")]
    pub after: Option<String>,
    /// `page.prev` of a former answer.
    #[schema(format = "cursor")]
    pub before: Option<String>,
    /// `total` counts the members, as far as 10 000.
    #[schema(pattern = "^(total)?$")]
    pub include: Option<String>,
}

/// The tree, which is described where all filters are.
fn filter_tree() -> Ref {
    Ref::from_schema_name(CUSTOMER_TREE)
}

impl CustomerSearch {
    fn wanted(self) -> Result<Wanted, Problem> {
        if self.limit == Some(0) {
            return Err(Violation::new("/limit", "out_of_range", "limit must be 1 to 100").into());
        }
        let filter = self.filter.map(|tree| filter::tree(&tree, "/filter")).transpose()?;
        Wanted {
            search: self.q.unwrap_or_default(),
            filter,
            page: PageRequest {
                limit: self.limit.unwrap_or_default(),
                after: self.after.unwrap_or_default(),
                before: self.before.unwrap_or_default(),
                total: false,
            },
            ..Wanted::default()
        }
        .sorted_by(&self.sort.unwrap_or_default())
        .including(&self.include.unwrap_or_default())
    }
}

async fn list(peers: &Peers, caller: &Caller, wanted: Wanted) -> Result<Answer<List<Customer>>, Problem> {
    let searches = !wanted.search.is_empty();
    let wanted = ListCustomersRequest {
        query: wanted.search,
        filter: wanted.filter,
        sort: wanted.sort,
        page: Some(wanted.page),
    };
    let found = peers.customers().list_customers(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| {
        let searched = if searches { found.searched } else { Vec::new() };
        List { searched, ..List::new(found.customers, found.page) }
    }))
}

/// Customers
///
/// Leads among them, unless a filter says otherwise. Sorts: `name`, `total_spent`, `orders_count`, `registered_at`,
/// `last_order_at`, `created_at`, `updated_at`. Without `customers.pii` personal fields come masked, and filtering or
/// sorting by one is refused.
#[utoipa::path(
    get, path = "/admin/v1/customers", tag = "Customers", params(Pages, Totals, list_query::CustomerSearch, CustomerSorts, Filters),
    responses(
        (status = 200, body = List<Customer>),
        (status = 403, description = "`pii_required`: filtering or sorting by personal fields needs customers.pii."),
        (status = 404, description = "`segment_not_found`: there is no such segment.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_customers(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Customer>>, Problem> {
    list(&peers, &caller, Wanted::read(params, OFFER)?).await
}

/// Leads
///
/// People who gave an e-mail address and have bought nothing yet. Takes the same as the list of customers.
#[utoipa::path(
    get, path = "/admin/v1/leads", tag = "Customers", params(Pages, Totals, list_query::CustomerSearch, CustomerSorts, Filters),
    responses(
        (status = 200, body = List<Customer>),
        (status = 403, description = "`pii_required`: filtering or sorting by personal fields needs customers.pii."),
        (status = 404, description = "`segment_not_found`: there is no such segment.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_leads(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Customer>>, Problem> {
    let leads = filter::condition("lifecycle", "eq", vec!["lead".to_owned()]);
    list(&peers, &caller, Wanted::read(params, OFFER)?.and(leads)).await
}

/// Search for customers
///
/// By a filter tree.
#[utoipa::path(
    post, path = "/admin/v1/customers/search", tag = "Customers", request_body = CustomerSearch,
    responses(
        (status = 200, body = List<Customer>),
        (status = 403, description = "`pii_required`: filtering or sorting by personal fields needs customers.pii."),
        (status = 404, description = "`segment_not_found`: there is no such segment.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn search_customers(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(search): Body<CustomerSearch>,
) -> Result<Answer<List<Customer>>, Problem> {
    list(&peers, &caller, search.wanted()?).await
}

/// A customer
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses((status = 200, body = Customer), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn get_customer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Customer>, Problem> {
    let customer = peers.customers().get_customer(caller.ask(GetCustomerRequest { id })).await?;
    Ok(Answer::<Customer>::of(customer).tagged())
}
