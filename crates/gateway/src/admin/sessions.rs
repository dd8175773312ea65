//! Sessions of staff (ID-20).
use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::identity::v1::{
    self as pb, CreateSessionRequest, CreateSessionResponse, DeleteSessionRequest, GetSessionRequest,
    VerifyFactorRequest, create_session_response::Outcome,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{me::Staff, own_sessions::forget};
use crate::{
    answer::Answer,
    caller::Caller,
    credentials::Desk,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{text, time},
};

/// The routes to get a session by, which need none.
pub fn sign_in_routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(create_session)).routes(routes!(verify_factor))
}

/// The routes about the session in use.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(get_session, delete_session))
}

/// Credentials.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "owner@example.com", "password": "a long enough password"}))]
pub struct SignIn {
    /// E-mail address.
    #[schema(
        min_length = 1,
        max_length = 1_000,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub email: String,
    /// The password.
    #[schema(min_length = 1)]
    pub password: String,
}

/// The answer to a challenge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"challenge": "challenge_Yk9vX0pKc2VjcmV0", "code": "042137"}))]
pub struct Factor {
    /// The challenge.
    pub challenge: String,
    /// The six digits of the authenticator, or a recovery code.
    pub code: String,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "token": "staff_Yk9vX0pKc2VjcmV0", "expires_at": "2026-03-03T00:00:00Z",
    "staff": {
        "id": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "name": "Olive Owner", "email": "owner@example.com",
        "memberships": [],
    },
    "recovery_codes": [],
}))]
pub struct Session {
    /// To be sent as `Authorization: Bearer`; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// When it ends at the latest.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whose it is.
    pub staff: Option<Staff>,
    /// Codes for when the authenticator is lost; only in the answer that enrolled it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!([]))]
    pub recovery_codes: Vec<String>,
}

impl From<pb::StaffSession> for Session {
    fn from(session: pb::StaffSession) -> Self {
        let pb::StaffSession { token, expires_at, staff, recovery_codes } = session;
        Self { token: text(token), expires_at: time(expires_at), staff: staff.map(Into::into), recovery_codes }
    }
}

/// A second factor is needed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "mfa_required": true, "challenge": "challenge_Yk9vX0pKc2VjcmV0", "enrolment_required": false,
}))]
pub struct FactorAsked {
    /// Always true.
    pub mfa_required: bool,
    /// To be sent to `sessions/mfa` with a code, within five minutes.
    pub challenge: String,
    /// Whether there is no second factor yet, so that one is to be enrolled at `sessions/mfa/enrolment` first.
    pub enrolment_required: bool,
}

/// Sign in
///
/// With e-mail address and password; those with a second factor get a challenge to answer at `sessions/mfa`.
#[utoipa::path(
    post, path = "/admin/v1/sessions", tag = "Sessions", request_body = SignIn,
    responses(
        (status = 201, body = Session, description = "Signed in."),
        (status = 200, body = FactorAsked, description = "A second factor is needed."),
        (status = 401, description = "`bad_credentials`: these credentials are not right.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn create_session(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(SignIn { email, password }): Body<SignIn>,
) -> Result<Response, Problem> {
    outcome(peers.sessions().create_session(caller.ask(CreateSessionRequest { email, password })).await?)
}

/// Signed in, or asked for the second factor.
pub fn outcome(answer: tonic::Response<CreateSessionResponse>) -> Result<Response, Problem> {
    let mut answer = Answer::mapped(answer, |answer: CreateSessionResponse| answer);
    let enrolment_required = answer.body.enrolment_required;
    Ok(match answer.body.outcome.take() {
        Some(Outcome::Session(session)) => {
            answer.map(|_| Session::from(session)).status(StatusCode::CREATED).into_response()
        }
        Some(Outcome::Challenge(challenge)) => {
            answer.map(|_| FactorAsked { mfa_required: true, challenge, enrolment_required }).into_response()
        }
        None => return Err(Problem::defect("signing in came to nothing")),
    })
}

/// Answer with the second factor
#[utoipa::path(
    post, path = "/admin/v1/sessions/mfa", tag = "Sessions", request_body = Factor,
    responses(
        (status = 201, body = Session, description = "Signed in."),
        (status = 401, description = "`bad_code`: the code is not right or was used. | `bad_challenge`: please start again.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn verify_factor(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(Factor { challenge, code }): Body<Factor>,
) -> Result<Answer<Session>, Problem> {
    let session = peers.sessions().verify_factor(caller.ask(VerifyFactorRequest { challenge, code })).await?;
    Ok(Answer::of(session).status(StatusCode::CREATED))
}

/// The session in use
#[utoipa::path(
    get, path = "/admin/v1/sessions/current", tag = "Sessions", responses((status = 200, body = Session)),
    extensions(("x-permission" = json!([])))
)]
async fn get_session(State(peers): State<Arc<Peers>>, caller: Caller, _: NoParams) -> Result<Answer<Session>, Problem> {
    Ok(Answer::of(peers.sessions().get_session(caller.ask(GetSessionRequest {})).await?))
}

/// Sign out
#[utoipa::path(
    delete, path = "/admin/v1/sessions/current", tag = "Sessions",
    responses((status = 204, description = "The session has ended.")),
    extensions(("x-permission" = json!([])))
)]
async fn delete_session(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
) -> Result<StatusCode, Problem> {
    peers.sessions().delete_session(caller.ask(DeleteSessionRequest {})).await?;
    forget(&desk, &caller)?;
    Ok(StatusCode::NO_CONTENT)
}
