//! Closing one's own account in two steps (ID-13).
use std::sync::Arc;

use axum::extract::State;
use proto::identity::v1::{BeginClosureRequest, ConfirmClosureRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{answer::Answer, caller::Caller, credentials::Desk, peers::Peers, problem::Problem, request::body::Body};

/// A code that arrived.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"code": "042137"}))]
pub struct ClosureCode {
    /// The six digits.
    #[schema(
        min_length = 1,
        max_length = 40,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub code: String,
}

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "OK"}))]
pub struct Closing {
    /// `OK`.
    pub status: &'static str,
}

/// Begin to close the account
///
/// Sends a code to the customer.
#[utoipa::path(
    post, path = "/storefront/v1/customers/account-closure", tag = "Customers", operation_id = "begin_closure",
    responses(
        (status = 200, body = Closing),
        (status = 403, description = "`impersonated`: not on behalf of a customer."),
        (status = 429, description = "`too_many_attempts`: too many codes were sent there.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn begin(State(peers): State<Arc<Peers>>, caller: Caller) -> Result<Answer<Closing>, Problem> {
    let begun = peers.closures().begin_closure(caller.ask(BeginClosureRequest {})).await?;
    Ok(Answer::mapped(begun, |_| Closing { status: "OK" }))
}

/// Close the account
///
/// With the code that was sent. Nothing signs in to it any longer, and all its sessions end.
#[utoipa::path(
    post, path = "/storefront/v1/customers/confirm-account-closure", tag = "Customers", request_body = ClosureCode,
    operation_id = "confirm_closure",
    responses(
        (status = 200, body = Closing),
        (status = 403, description = "`impersonated`: not on behalf of a customer."),
        (status = 422, description = "`bad_code`: the code is wrong or no longer valid.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn confirm(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    Body(ClosureCode { code }): Body<ClosureCode>,
) -> Result<Answer<Closing>, Problem> {
    let closed = peers.closures().confirm_closure(caller.ask(ConfirmClosureRequest { code })).await?;
    if let Some(session) = &caller.actor()?.session {
        desk.revoke(session);
    }
    Ok(Answer::mapped(closed, |_| Closing { status: "OK" }))
}
