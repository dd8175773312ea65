//! Links into the account portal, asked for from a shop's My Account (ID-14).
use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    account::{Accepted, send},
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::body::Body,
};

/// Where a link is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ShopLinkRequest, example = json!({"email": "jane@example.com"}))]
pub struct LinkRequest {
    /// E-mail address.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
}

/// Ask for a link into the account portal
///
/// In the shop's name. It is valid for 15 minutes, any number of times. The answer is the same whether or not anybody
/// is known by the address.
#[utoipa::path(
    post, path = "/storefront/v1/customers/magic-link", tag = "Customers", request_body = LinkRequest,
    operation_id = "request_magic_link",
    responses(
        (status = 202, body = Accepted),
        (status = 429, description = "`too_many_attempts`: too many links were sent there.")
    )
)]
pub async fn request(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(LinkRequest { email }): Body<LinkRequest>,
) -> Result<Answer<Accepted>, Problem> {
    send(&peers, &caller, email).await
}
