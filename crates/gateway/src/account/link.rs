//! Links to sign in with (ID-14).
use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use proto::identity::v1::RequestMagicLinkRequest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{answer::Answer, caller::Caller, peers::Peers, problem::Problem, request::body::Body};

/// Where a link is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "jane@example.com"}))]
pub struct LinkRequest {
    /// E-mail address.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
}

/// It was taken note of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Accepted {
    /// `ok`.
    pub status: &'static str,
}

/// Ask for a link to sign in with
///
/// It is valid for 15 minutes, any number of times. The answer is the same whether or not anybody is known by the
/// address.
#[utoipa::path(
    post, path = "/account/v1/magic-links", tag = "Sessions", request_body = LinkRequest,
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

/// Has a link sent on the caller's behalf: in a shop's name when it is a shop front.
pub async fn send(peers: &Peers, caller: &Caller, email: String) -> Result<Answer<Accepted>, Problem> {
    let sent = peers.magic_links().request_magic_link(caller.ask(RequestMagicLinkRequest { email })).await?;
    Ok(Answer::mapped(sent, |_| Accepted { status: "ok" }).status(StatusCode::ACCEPTED))
}
