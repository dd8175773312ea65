//! What staff do with one customer record: make it, change it, open and close its doors, tag it (CU-8, CU-11).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::customers::v1::{
    self as pb, ActivateCustomerRequest, ChangeCustomerRequest, ChangeTagsRequest, CreateCustomerRequest,
    InactivateCustomerRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    customer::Customer,
    customer_changes::{CustomerChanges, NewCustomer, tags},
};
use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
};

/// The routes about one record.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(create_customer))
        .routes(routes!(change_customer))
        .routes(routes!(activate_customer))
        .routes(routes!(inactivate_customer))
        .routes(routes!(change_tags))
}

/// Why a door is closed or opened.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"reason": "Asked for it on the phone."}))]
pub struct StandingReason {
    /// Why, for the audit.
    #[schema(max_length = 500, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub reason: Option<String>,
}

/// Tags to add and to take away.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"add": ["vip"], "remove": ["prospect"]}))]
pub struct TagChanges {
    /// To add.
    #[schema(schema_with = tags)]
    pub add: Option<Vec<String>>,
    /// To take away; one that is in both lists goes.
    #[schema(schema_with = tags)]
    pub remove: Option<Vec<String>>,
}

/// The tags of a customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"tags": ["vip"], "version": 5}))]
pub struct Tags {
    /// In alphabetical order.
    pub tags: Vec<String>,
    /// Version of the record.
    pub version: i64,
}

impl Versioned for Tags {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::ChangeTagsResponse> for Tags {
    fn from(changed: pb::ChangeTagsResponse) -> Self {
        Self { tags: changed.tags, version: changed.version }
    }
}

/// Add a customer
///
/// A lead and a guest, as if they had given their e-mail address in the shop.
#[utoipa::path(
    post, path = "/admin/v1/customers", tag = "Customers", request_body = NewCustomer,
    responses(
        (status = 201, body = Customer),
        (status = 409, description = "`email_taken`: there is a customer with this e-mail address."),
        (status = 422, description = "`too_many_tags`: a customer has at most 50 tags.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug(), Permission::CustomersPii.slug()])))
)]
async fn create_customer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(new): Body<NewCustomer>,
) -> Result<Answer<Customer>, Problem> {
    let made = peers.records().create_customer(caller.ask(CreateCustomerRequest::from(new))).await?;
    let made = Answer::<Customer>::of(made).tagged();
    let location = format!("/admin/v1/customers/{}", made.body.id);
    Ok(made.created(location))
}

/// Change a customer
///
/// A merge patch. Personal fields need `customers.pii`, too.
#[utoipa::path(
    patch, path = "/admin/v1/customers/{id}", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    request_body = CustomerChanges,
    responses(
        (status = 200, body = Customer),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 409, description = "`email_taken`: another customer has this e-mail address."),
        (status = 412, description = "`stale_version`: the record was changed in the meantime."),
        (status = 422, description = "`phone_signs_in`: nothing else signs this customer in.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn change_customer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(changes): Body<CustomerChanges>,
) -> Result<Answer<Customer>, Problem> {
    let wanted = ChangeCustomerRequest { id, details: Some(changes.into()) };
    Ok(Answer::<Customer>::of(peers.records().change_customer(caller.ask(wanted)).await?).tagged())
}

/// Let a customer in again
///
/// Every door of the store, or of the network, is open to them again. In a network it needs a membership of the network.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/activate", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    request_body = StandingReason,
    responses(
        (status = 200, body = Customer),
        (status = 403, description = "`network_membership_required`: it concerns the whole network."),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 412, description = "`stale_version`: the record was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn activate_customer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(why): Body<StandingReason>,
) -> Result<Answer<Customer>, Problem> {
    let wanted = ActivateCustomerRequest { id, reason: why.reason.unwrap_or_default() };
    Ok(Answer::<Customer>::of(peers.records().activate_customer(caller.ask(wanted)).await?).tagged())
}

/// Keep a customer out
///
/// Every door of the store, or of the network, is closed to them, and their sessions end. In a network it needs a
/// membership of the network.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/inactivate", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    request_body = StandingReason,
    responses(
        (status = 200, body = Customer),
        (status = 403, description = "`network_membership_required`: it concerns the whole network."),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 412, description = "`stale_version`: the record was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn inactivate_customer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(why): Body<StandingReason>,
) -> Result<Answer<Customer>, Problem> {
    let wanted = InactivateCustomerRequest { id, reason: why.reason.unwrap_or_default() };
    Ok(Answer::<Customer>::of(peers.records().inactivate_customer(caller.ask(wanted)).await?).tagged())
}

/// Tag a customer
///
/// Tags that are not named stay, whoever else changes some at the same time.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/tags", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    request_body = TagChanges,
    responses(
        (status = 200, body = Tags),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 422, description = "`too_many_tags`: a customer has at most 50 tags.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn change_tags(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(changes): Body<TagChanges>,
) -> Result<Answer<Tags>, Problem> {
    let TagChanges { add, remove } = changes;
    let wanted = ChangeTagsRequest { id, add: add.unwrap_or_default(), remove: remove.unwrap_or_default() };
    Ok(Answer::<Tags>::of(peers.records().change_tags(caller.ask(wanted)).await?).tagged())
}
