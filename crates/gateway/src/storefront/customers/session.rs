//! A customer's own sessions (ID-10).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use proto::identity::v1::{self as pb, ListSessionsRequest, RevokeSessionRequest, RevokeSessionsRequest};
use serde::Serialize;
use utoipa::ToSchema;

use super::sign_in::Done;
use crate::{
    answer::Answer,
    caller::Caller,
    credentials::Desk,
    peers::Peers,
    problem::Problem,
    request::params::NoParams,
    shape::{text, time},
};

/// A session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerSession, example = json!({
    "id": "ses_01939b7e5d3c7a2c9d2f1e0b7c6a5d4b", "current": true, "methods": ["password"],
    "created_at": "2026-03-02T12:00:00Z", "last_used_at": "2026-03-02T12:00:00Z", "expires_at": "2026-05-31T12:00:00Z",
    "ip": "192.0.2.1", "user_agent": "Mozilla/5.0",
}))]
pub struct Session {
    /// `ses_…`.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// How it was opened, such as `password` or `code`.
    pub methods: Vec<String>,
    /// When it was opened.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it ends unless it is used.
    pub expires_at: Option<DateTime<Utc>>,
    /// Network address it was opened from.
    pub ip: Option<String>,
    /// User agent it was opened with.
    pub user_agent: Option<String>,
}

impl From<pb::Session> for Session {
    fn from(session: pb::Session) -> Self {
        Self {
            id: session.id,
            current: session.current,
            methods: session.methods,
            created_at: time(session.opened_at),
            last_used_at: time(session.used_at),
            expires_at: time(session.expires_at),
            ip: text(session.ip),
            user_agent: text(session.agent),
        }
    }
}

/// One's own sessions
///
/// The newest first.
#[utoipa::path(
    get, path = "/storefront/v1/customers/sessions", tag = "Customers", operation_id = "list_own_sessions",
    responses((status = 200, body = Vec<Session>), (status = 403, description = "`impersonated`: not on behalf of a customer.")),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn list_sessions(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Vec<Session>>, Problem> {
    let found = peers.customer_sessions().list_sessions(caller.ask(ListSessionsRequest {})).await?;
    Ok(Answer::mapped(found, |found| found.sessions.into_iter().map(Into::into).collect()))
}

/// End all other sessions
///
/// Answers those that have ended.
#[utoipa::path(
    delete, path = "/storefront/v1/customers/sessions", tag = "Customers", operation_id = "end_other_sessions",
    responses((status = 200, body = Vec<Session>), (status = 403, description = "`impersonated`: not on behalf of a customer.")),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn end_other_sessions(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Vec<Session>>, Problem> {
    let ended = peers.customer_sessions().revoke_sessions(caller.ask(RevokeSessionsRequest { others: true })).await?;
    let ended = Answer::mapped(ended, |ended| ended.sessions.into_iter().map(Session::from).collect::<Vec<_>>());
    ended.body.iter().for_each(|session| desk.revoke(&session.id));
    Ok(ended)
}

/// End a session of one's own
///
/// Answers it.
#[utoipa::path(
    delete, path = "/storefront/v1/customers/sessions/{id}", tag = "Customers", operation_id = "end_own_session",
    params(("id" = String, Path, description = "`ses_…`", example = "ses_01939b7e5d3c7a2c9d2f1e0b7c6a5d4b")),
    responses(
        (status = 200, body = Session),
        (status = 403, description = "`impersonated`: not on behalf of a customer."),
        (status = 404, description = "`session_not_found`: there is no such session of yours.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn end_session(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Session>, Problem> {
    let ended = peers.customer_sessions().revoke_session(caller.ask(RevokeSessionRequest { id })).await?;
    let ended = Answer::mapped(ended, Session::from);
    desk.revoke(&ended.body.id);
    Ok(ended)
}

/// Sign out everywhere
///
/// Ends all sessions, the one of the `Customer-Token` among them.
#[utoipa::path(
    post, path = "/storefront/v1/customers/logout-all", tag = "Customers", operation_id = "log_out_everywhere",
    responses((status = 200, body = Done), (status = 403, description = "`impersonated`: not on behalf of a customer.")),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn log_out_everywhere(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
) -> Result<Answer<Done>, Problem> {
    let ended = peers.customer_sessions().revoke_sessions(caller.ask(RevokeSessionsRequest { others: false })).await?;
    let ended = Answer::mapped(ended, |ended| ended.sessions);
    ended.body.iter().for_each(|session| desk.revoke(&session.id));
    Ok(ended.map(|_| Done { status: "ok" }))
}
