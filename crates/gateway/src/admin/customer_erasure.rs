//! Erasing a customer, and giving them all that is kept of them (CU-15).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::customers::v1::{EraseCustomerRequest, ExportCustomerRequest};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::jobs::Job;
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{LARGEST, PersonalData},
};

/// The routes about it.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(erase_customer))
        .routes(routes!(delete_customer))
        .routes(routes!(export_customer))
}

/// Whom to erase, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reason": "Asked for it in ticket 1042.", "confirm": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41",
}))]
pub struct Erasure {
    /// Why, in 1 to 500 characters. It is kept for ever, so it must not name the person.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub reason: String,
    /// The id of the customer once more.
    #[schema(pattern = "^cus_[0-9a-f]{32}$")]
    pub confirm: String,
}

/// The same in the query of a DELETE.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters, which are read by name")]
pub struct Deletion {
    /// The id of the customer once more.
    #[param(required, pattern = "^cus_[0-9a-f]{32}$", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")]
    confirm: String,
    /// Why, in 1 to 500 characters. It is kept for ever, so it must not name the person.
    #[param(
        required,
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "Asked for it in ticket 1042."
    )]
    reason: String,
}

async fn erase(peers: &Peers, caller: &Caller, request: EraseCustomerRequest) -> Result<Answer<Job>, Problem> {
    let answer = Answer::<Job>::of(peers.erasures().erase_customer(caller.ask(request)).await?);
    let location = format!("/admin/v1/jobs/{}", answer.body.id);
    Ok(answer.accepted(location))
}

/// Erase a customer
///
/// The record with everything that hangs on it is gone at once; a job tells when every service has done its part, how many
/// rows there were, and nothing of who it was. Orders stay for the books with totals, lines and countries; reviews stay
/// without a name. There is no way back. Repeated, it answers the same job.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/erasure", tag = "Customers", request_body = Erasure,
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer.", example = "7f8d0e1c-erase-1042")
    ),
    responses(
        (status = 202, body = Job, description = "It has begun; `Location` is where the job is."),
        (status = 403, description = "`step_up_required`: prove first who you are, with the second factor. | `network_membership_required`: it concerns every store of the network. | `wrong_caller`: keys prove nothing anew."),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 409, description = "`payment_open`: a payment of theirs is on its way. | `customer_merged`: the record was merged into another one, `kept`: name that one."),
        (status = 412, description = "`stale_version`: the customer was changed in the meantime."),
        (status = 422, description = "`reason_names_customer`: the reason names the person. | `confirmation_mismatch`: confirm with the id of the customer.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersDelete.slug()])))
)]
async fn erase_customer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(Erasure { reason, confirm }): Body<Erasure>,
) -> Result<Answer<Job>, Problem> {
    erase(&peers, &caller, EraseCustomerRequest { id, reason, confirm }).await
}

/// Delete a customer
///
/// The erasure of a customer under another name.
#[utoipa::path(
    delete, path = "/admin/v1/customers/{id}", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer.", example = "7f8d0e1c-erase-1042"),
        Deletion
    ),
    responses(
        (status = 202, body = Job, description = "It has begun; `Location` is where the job is."),
        (status = 403, description = "`step_up_required`: prove first who you are, with the second factor. | `network_membership_required`: it concerns every store of the network. | `wrong_caller`: keys prove nothing anew."),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 409, description = "`payment_open`: a payment of theirs is on its way. | `idempotency_in_flight`: the same request is still running."),
        (status = 412, description = "`stale_version`: the customer was changed in the meantime."),
        (status = 422, description = "`reason_names_customer`: the reason names the person. | `confirmation_mismatch`: confirm with the id of the customer. | `idempotency_mismatch`: the key was used for another request.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersDelete.slug()])))
)]
async fn delete_customer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<Answer<Job>, Problem> {
    let (confirm, reason) = (params.text("confirm"), params.text("reason"));
    params.finish()?;
    erase(&peers, &caller, EraseCustomerRequest { id, reason, confirm }).await
}

/// All that is kept of a customer
///
/// As JSON: of each service its tables, of each table its rows, with the same fields that an erasure takes away and those
/// that go with them. Taking it is recorded in the audit.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/data-export", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses(
        (status = 200, body = PersonalData),
        (status = 403, description = "`network_membership_required`: it concerns every store of the network."),
        (status = 404, description = "`customer_not_found`: there is no such customer.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug(), Permission::CustomersPii.slug()])))
)]
async fn export_customer(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<PersonalData>, Problem> {
    let export = peers
        .erasures()
        .max_decoding_message_size(LARGEST)
        .export_customer(caller.ask(ExportCustomerRequest { id: id.clone() }))
        .await?;
    Ok(Answer::new(PersonalData::of(id, &export.into_inner().json)?))
}
