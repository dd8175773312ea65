//! Being logged in as a customer (ID-25).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::identity::v1::{self as pb, EndImpersonationRequest, ListImpersonationsRequest, StartImpersonationRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    credentials::Desk,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{List, text, time},
};

/// The routes about sessions in the name of customers.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(start_impersonation))
        .routes(routes!(list_impersonations))
        .routes(routes!(end_impersonation))
}

/// A session in the name of a customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "ses_01939b7e5d3c7a2c9d2f1e0b7c6a5d4c", "customer": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41",
    "expires_at": "2026-03-02T12:15:00Z", "impersonator": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a",
    "reason": "Cannot find the download.", "ticket": null,
}))]
pub struct Impersonation {
    /// `ses_…`.
    pub id: String,
    /// The customer.
    pub customer: String,
    /// To be sent as `Customer-Token`; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// When it ends; it is not renewed.
    pub expires_at: Option<DateTime<Utc>>,
    /// Who really acts, `stf_…`; every answer says so in `Impersonator`.
    pub impersonator: String,
    /// Why.
    pub reason: String,
    /// The ticket it is about.
    pub ticket: Option<String>,
}

impl From<pb::Impersonation> for Impersonation {
    fn from(session: pb::Impersonation) -> Self {
        Self {
            id: session.id,
            customer: session.customer,
            token: text(session.token),
            expires_at: time(session.expires_at),
            impersonator: session.impersonator,
            reason: session.reason,
            ticket: text(session.ticket),
        }
    }
}

/// Why somebody logs in as a customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Cannot find the download."}))]
pub struct Why {
    /// In 1 to 500 characters.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub reason: String,
    /// The ticket it is about, at most 100 characters.
    #[serde(default)]
    #[schema(max_length = 100, pattern = r"^([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*)?$")]
    pub ticket: Option<String>,
}

/// Log in as a customer
///
/// For a quarter of an hour, as a guest or registered customer. What is for the person alone stays refused: e-mail, phone,
/// password, closure, data export, reviews. Everything done is logged under both names.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/impersonations", tag = "Customers", request_body = Why,
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses(
        (status = 201, body = Impersonation),
        (status = 403, description = "`step_up_required`: prove first who you are, with the second factor. | `wrong_caller`: keys are nobody else."),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 422, description = "`customer_inactive`: this customer is inactive.")
    ),
    extensions(("x-permission" = json!([
        Permission::CustomersImpersonate.slug(), Permission::CustomersRead.slug(), Permission::CustomersPii.slug(),
    ])))
)]
async fn start_impersonation(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
    Body(Why { reason, ticket }): Body<Why>,
) -> Result<Answer<Impersonation>, Problem> {
    let request = StartImpersonationRequest { customer, reason, ticket: ticket.unwrap_or_default() };
    let session = peers.impersonations().start_impersonation(caller.ask(request)).await?;
    Ok(Answer::of(session).status(StatusCode::CREATED))
}

/// Sessions in the name of customers
///
/// Those of yours that are open, newest first.
#[utoipa::path(
    get, path = "/admin/v1/impersonations", tag = "Customers",
    responses((status = 200, body = List<Impersonation>), (status = 403, description = "`wrong_caller`: keys are nobody else.")),
    extensions(("x-permission" = json!([])))
)]
async fn list_impersonations(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<Impersonation>>, Problem> {
    let found = peers.impersonations().list_impersonations(caller.ask(ListImpersonationsRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.impersonations)))
}

/// End a session in the name of a customer
#[utoipa::path(
    delete, path = "/admin/v1/impersonations/{id}", tag = "Customers",
    params(("id" = String, Path, description = "`ses_…`", example = "ses_01939b7e5d3c7a2c9d2f1e0b7c6a5d4c")),
    responses(
        (status = 204, description = "The session has ended."),
        (status = 403, description = "`wrong_caller`: keys are nobody else."),
        (status = 404, description = "`session_not_found`: there is no such session of yours.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn end_impersonation(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.impersonations().end_impersonation(caller.ask(EndImpersonationRequest { id: id.clone() })).await?;
    desk.revoke(&id);
    Ok(StatusCode::NO_CONTENT)
}
