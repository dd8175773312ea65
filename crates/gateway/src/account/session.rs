//! Sessions of shoppers (ID-15).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::identity::v1::{
    self as pb, CreatePortalSessionRequest, DeletePortalSessionRequest, ListPortalSessionsRequest,
    RevokePortalSessionRequest, RevokePortalSessionsRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::me::Shopper;
use crate::{
    answer::Answer,
    caller::Caller,
    credentials::Desk,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    shape::time,
    storefront::OpenSession,
};

/// The token of a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PortalSignIn, example = json!({"token": "link_Yk9vX0pKc2VjcmV0"}))]
pub struct SignIn {
    /// What stands at the end of the link's address.
    pub token: String,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PortalSession, example = json!({
    "token": "portal_Yk9vX0pKc2VjcmV0", "expires_at": "2026-05-31T12:00:00Z",
    "shopper": {"id": "shp_01939b7e5d3c7a2c9d2f1e0b7c6a5d4d", "email": "jane@example.com"},
}))]
pub struct Session {
    /// To be sent as `Authorization: Bearer`; only in this answer.
    pub token: String,
    /// When it ends unless it is used.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whose it is.
    pub shopper: Option<Shopper>,
}

impl From<pb::PortalSession> for Session {
    fn from(session: pb::PortalSession) -> Self {
        let pb::PortalSession { token, expires_at, shopper } = session;
        Self { token, expires_at: time(expires_at), shopper: shopper.map(Into::into) }
    }
}

/// Sign in with a link
///
/// The link stays good for as long as it was.
#[utoipa::path(
    post, path = "/account/v1/sessions", tag = "Sessions", request_body = SignIn, operation_id = "create_session",
    responses(
        (status = 201, body = Session, description = "Signed in."),
        (status = 401, description = "`bad_link`: the link is wrong or no longer valid.")
    )
)]
pub async fn create(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(SignIn { token }): Body<SignIn>,
) -> Result<Answer<Session>, Problem> {
    let session = peers.shoppers().create_portal_session(caller.ask(CreatePortalSessionRequest { token })).await?;
    Ok(Answer::of(session).status(StatusCode::CREATED))
}

/// Sign out
#[utoipa::path(
    delete, path = "/account/v1/sessions/current", tag = "Sessions", operation_id = "delete_session",
    responses((status = 204, description = "The session has ended."))
)]
pub async fn delete(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
) -> Result<StatusCode, Problem> {
    peers.shoppers().delete_portal_session(caller.ask(DeletePortalSessionRequest {})).await?;
    if let Some(session) = &caller.actor()?.session {
        desk.revoke(session);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// One's own sessions
///
/// The newest first.
#[utoipa::path(
    get, path = "/account/v1/sessions", tag = "Sessions", operation_id = "list_sessions",
    responses((status = 200, body = Vec<OpenSession>))
)]
pub async fn list(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Vec<OpenSession>>, Problem> {
    let found = peers.shoppers().list_portal_sessions(caller.ask(ListPortalSessionsRequest {})).await?;
    Ok(Answer::mapped(found, |found| found.sessions.into_iter().map(Into::into).collect()))
}

/// End all other sessions
///
/// Answers those that have ended.
#[utoipa::path(
    delete, path = "/account/v1/sessions", tag = "Sessions", operation_id = "end_other_sessions",
    responses((status = 200, body = Vec<OpenSession>))
)]
pub async fn end_others(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Vec<OpenSession>>, Problem> {
    let ended = peers.shoppers().revoke_portal_sessions(caller.ask(RevokePortalSessionsRequest {})).await?;
    let ended = Answer::mapped(ended, |ended| ended.sessions.into_iter().map(OpenSession::from).collect::<Vec<_>>());
    ended.body.iter().for_each(|session| desk.revoke(&session.id));
    Ok(ended)
}

/// End a session of one's own
///
/// Answers it.
#[utoipa::path(
    delete, path = "/account/v1/sessions/{id}", tag = "Sessions", operation_id = "end_session",
    params(("id" = String, Path, description = "`ses_…`", example = "ses_01939b7e5d3c7a2c9d2f1e0b7c6a5d4b")),
    responses(
        (status = 200, body = OpenSession),
        (status = 404, description = "`session_not_found`: there is no such session of yours.")
    )
)]
pub async fn end(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<OpenSession>, Problem> {
    let ended = peers.shoppers().revoke_portal_session(caller.ask(RevokePortalSessionRequest { id })).await?;
    let ended = Answer::mapped(ended, OpenSession::from);
    desk.revoke(&ended.body.id);
    Ok(ended)
}
