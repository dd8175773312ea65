//! The sessions of whoever is signed in: what is open, ending it, and proving anew who one is (ID-10, ID-20).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::identity::v1::{
    self as pb, EndOwnSessionRequest, EndOwnSessionsRequest, ListOwnSessionsRequest, StepUpRequest,
};
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
    shape::{List, time},
};

/// The routes about own sessions.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_sessions, delete_sessions))
        .routes(routes!(delete_one_session))
        .routes(routes!(step_up))
}

/// An open session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenSession, example = json!({
    "id": "ses_01939b7e5d3c7a2c9d2f1e0b7c6a5d4c", "current": true, "methods": ["password", "otp"],
    "authenticated_at": "2026-03-02T12:00:00Z", "seen_at": "2026-03-02T12:30:00Z",
    "expires_at": "2026-03-03T00:30:00Z", "ip": "192.0.2.7", "agent": "Mozilla/5.0",
}))]
pub struct OwnSession {
    /// `ses_…`.
    pub id: String,
    /// Whether it is the one in use.
    pub current: bool,
    /// How it was opened: `password`, `otp`, `recovery`.
    pub methods: Vec<String>,
    /// When the person last proved who they are.
    pub authenticated_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub seen_at: Option<DateTime<Utc>>,
    /// When it ends unless it is used.
    pub expires_at: Option<DateTime<Utc>>,
    /// Network address it was opened from.
    pub ip: String,
    /// User agent it was opened with.
    pub agent: String,
}

impl From<pb::OwnSession> for OwnSession {
    fn from(session: pb::OwnSession) -> Self {
        Self {
            id: session.id,
            current: session.current,
            methods: session.methods,
            authenticated_at: time(session.authenticated_at),
            seen_at: time(session.seen_at),
            expires_at: time(session.expires_at),
            ip: session.ip,
            agent: session.agent,
        }
    }
}

/// What proves who somebody is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "042137"}))]
pub struct Proof {
    /// Six digits of the authenticator, or a recovery code.
    #[serde(default)]
    pub code: Option<String>,
    /// The password, of those who have no second factor.
    #[serde(default)]
    pub password: Option<String>,
}

/// It was proven.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"until": "2026-03-02T12:15:00Z"}))]
pub struct Proven {
    /// Until when dangerous actions are open.
    pub until: Option<DateTime<Utc>>,
}

/// Own sessions
///
/// Those that are open, the one used last first.
#[utoipa::path(
    get, path = "/admin/v1/sessions", tag = "Sessions", operation_id = "list_own_sessions",
    responses((status = 200, body = List<OwnSession>), (status = 403, description = "`wrong_caller`: keys have no sessions.")),
    extensions(("x-permission" = json!([])))
)]
async fn list_sessions(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<OwnSession>>, Problem> {
    let found = peers.own_sessions().list_own_sessions(caller.ask(ListOwnSessionsRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.sessions)))
}

/// Sign out everywhere
///
/// Ends every session of yours, the one in use included.
#[utoipa::path(
    delete, path = "/admin/v1/sessions", tag = "Sessions",
    responses(
        (status = 204, description = "The sessions have ended."),
        (status = 403, description = "`wrong_caller`: keys have no sessions.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn delete_sessions(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
) -> Result<StatusCode, Problem> {
    peers.own_sessions().end_own_sessions(caller.ask(EndOwnSessionsRequest {})).await?;
    forget(&desk, &caller)?;
    Ok(StatusCode::NO_CONTENT)
}

/// End a session of yours
#[utoipa::path(
    delete, path = "/admin/v1/sessions/{id}", tag = "Sessions",
    params(("id" = String, Path, description = "`ses_…`", example = "ses_01939b7e5d3c7a2c9d2f1e0b7c6a5d4c")),
    responses(
        (status = 204, description = "The session has ended."),
        (status = 403, description = "`wrong_caller`: keys have no sessions."),
        (status = 404, description = "`session_not_found`: there is no such session of yours.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn delete_one_session(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.own_sessions().end_own_session(caller.ask(EndOwnSessionRequest { id: id.clone() })).await?;
    desk.revoke(&id);
    Ok(StatusCode::NO_CONTENT)
}

/// Prove anew who you are
///
/// Dangerous actions answer `step_up_required` when it is more than a quarter of an hour ago that you signed in or did
/// this. Those who have a second factor prove it with a code of that.
#[utoipa::path(
    post, path = "/admin/v1/sessions/current/step-up", tag = "Sessions", request_body = Proof,
    responses(
        (status = 200, body = Proven),
        (status = 401, description = "`bad_code`: the code is not right or was used. | `bad_credentials`: this is not the password."),
        (status = 403, description = "`wrong_caller`: keys have no sessions."),
        (status = 429, description = "`too_many_attempts`: too many tries have failed; please wait.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn step_up(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
    Body(Proof { code, password }): Body<Proof>,
) -> Result<Answer<Proven>, Problem> {
    let request = StepUpRequest {
        code: code.unwrap_or_default(),
        password: password.unwrap_or_default(),
        ..StepUpRequest::default()
    };
    let proven = peers.own_sessions().step_up(caller.ask(request)).await?;
    forget(&desk, &caller)?;
    Ok(Answer::mapped(proven, |proven: pb::StepUpResponse| Proven { until: time(proven.until) }))
}

/// Forgets what is remembered of the caller's session, here; other gateways are told.
pub fn forget(desk: &Desk, caller: &Caller) -> Result<(), Problem> {
    if let Some(session) = &caller.actor()?.session {
        desk.revoke(session);
    }
    Ok(())
}
