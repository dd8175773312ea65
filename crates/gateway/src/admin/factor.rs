//! Second factor and password of whoever is signed in, or about to (ID-20).
use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::identity::v1::{
    self as pb, BeginEnrolmentRequest, ChangePasswordRequest, ConfirmEnrolmentRequest, GetFactorRequest,
    RenewRecoveryCodesRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::own_sessions::forget;
use crate::{
    answer::Answer,
    caller::Caller,
    credentials::Desk,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::time,
};

/// The routes about one's own factor and password.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(get_factor, begin_enrolment))
        .routes(routes!(confirm_enrolment))
        .routes(routes!(renew_recovery_codes))
        .routes(routes!(change_password))
}

/// The route for those who have to enrol a factor before they are signed in.
pub fn sign_in_routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(begin_required_enrolment))
}

/// A second factor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SecondFactor, example = json!({
    "enrolled": true, "enrolled_at": "2026-03-02T12:00:00Z", "recovery_codes_left": 9,
}))]
pub struct SecondFactor {
    /// Whether there is one.
    pub enrolled: bool,
    /// Since when.
    pub enrolled_at: Option<DateTime<Utc>>,
    /// How many recovery codes are left.
    pub recovery_codes_left: u32,
}

/// An authenticator that waits for its first code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "challenge": "challenge_Yk9vX0pKc2VjcmV0", "secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "uri": "otpauth://totp/Patron:owner%40example%2Ecom?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Patron",
}))]
pub struct Enrolment {
    /// To be sent with the code.
    pub challenge: String,
    /// The secret in base 32, for typing.
    pub secret: String,
    /// The same as authenticator apps read it from a picture.
    pub uri: String,
}

impl From<pb::Enrolment> for Enrolment {
    fn from(pb::Enrolment { challenge, secret, uri }: pb::Enrolment) -> Self {
        Self { challenge, secret, uri }
    }
}

/// The first code of an authenticator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"challenge": "challenge_Yk9vX0pKc2VjcmV0", "code": "042137"}))]
pub struct FirstCode {
    /// The challenge.
    pub challenge: String,
    /// The six digits.
    pub code: String,
}

/// A challenge that needs a factor to be enrolled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"challenge": "challenge_Yk9vX0pKc2VjcmV0"}))]
pub struct Asked {
    /// The challenge of the sign-in.
    #[schema(min_length = 1)]
    pub challenge: String,
}

/// Recovery codes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"recovery_codes": ["0k3m-9xq2-7vtd-h4ez"]}))]
pub struct RecoveryCodes {
    /// Each is good for one sign-in when the authenticator is lost; shown this once.
    pub recovery_codes: Vec<String>,
}

impl From<pb::RecoveryCodes> for RecoveryCodes {
    fn from(codes: pb::RecoveryCodes) -> Self {
        Self { recovery_codes: codes.codes }
    }
}

/// Another password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "a long enough password"}))]
pub struct NewPassword {
    /// 8 to 256 characters, at least 15 without a second factor; none that anybody tries first.
    #[schema(format = "password", min_length = 15, max_length = 256)]
    pub password: String,
}

/// Own second factor
#[utoipa::path(
    get, path = "/admin/v1/me/factor", tag = "Sessions",
    responses((status = 200, body = SecondFactor), (status = 403, description = "`wrong_caller`: keys have no second factor.")),
    extensions(("x-permission" = json!([])))
)]
async fn get_factor(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<SecondFactor>, Problem> {
    let factor = peers.factors().get_factor(caller.ask(GetFactorRequest {})).await?;
    Ok(Answer::mapped(factor, |factor: pb::Factor| SecondFactor {
        enrolled: factor.enrolled,
        enrolled_at: time(factor.enrolled_at),
        recovery_codes_left: factor.recovery_codes_left,
    }))
}

/// Begin to enrol an authenticator
///
/// In the place of the one before, if there is one; nothing changes until its first code is sent to
/// `me/factor/confirmation`.
#[utoipa::path(
    post, path = "/admin/v1/me/factor", tag = "Sessions",
    responses(
        (status = 201, body = Enrolment),
        (status = 403, description = "`step_up_required`: prove first who you are. | `wrong_caller`: keys have no second factor.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn begin_enrolment(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Enrolment>, Problem> {
    let enrolment = peers.factors().begin_enrolment(caller.ask(BeginEnrolmentRequest::default())).await?;
    Ok(Answer::of(enrolment).status(StatusCode::CREATED))
}

/// Enrol an authenticator
///
/// With its first code. The other sessions end, and there are new recovery codes.
#[utoipa::path(
    post, path = "/admin/v1/me/factor/confirmation", tag = "Sessions", request_body = FirstCode,
    responses(
        (status = 200, body = RecoveryCodes),
        (status = 401, description = "`bad_code`: the code is not right. | `bad_challenge`: please start again."),
        (status = 403, description = "`step_up_required`: prove first who you are. | `wrong_caller`: keys have no second factor."),
        (status = 429, description = "`too_many_attempts`: too many tries have failed; please wait.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn confirm_enrolment(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    _: NoParams,
    Body(FirstCode { challenge, code }): Body<FirstCode>,
) -> Result<Answer<RecoveryCodes>, Problem> {
    let request = ConfirmEnrolmentRequest { challenge, code };
    let codes = peers.factors().confirm_enrolment(caller.ask(request)).await?;
    forget(&desk, &caller)?;
    Ok(Answer::of(codes))
}

/// New recovery codes
///
/// All before end.
#[utoipa::path(
    post, path = "/admin/v1/me/recovery-codes", tag = "Sessions",
    responses(
        (status = 201, body = RecoveryCodes),
        (status = 403, description = "`step_up_required`: prove first who you are. | `wrong_caller`: keys have no second factor.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn renew_recovery_codes(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<RecoveryCodes>, Problem> {
    let codes = peers.factors().renew_recovery_codes(caller.ask(RenewRecoveryCodesRequest {})).await?;
    Ok(Answer::of(codes).status(StatusCode::CREATED))
}

/// Change your password
///
/// The other sessions end.
#[utoipa::path(
    put, path = "/admin/v1/me/password", tag = "Sessions", request_body = NewPassword,
    responses(
        (status = 204, description = "It is the password now."),
        (status = 403, description = "`step_up_required`: prove first who you are. | `wrong_caller`: keys have no password.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn change_password(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(NewPassword { password }): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    peers.own_sessions().change_password(caller.ask(ChangePasswordRequest { password })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begin to enrol a required second factor
///
/// For a sign-in that answered `enrolment_required`. The first code of the authenticator then goes to `sessions/mfa`.
#[utoipa::path(
    post, path = "/admin/v1/sessions/mfa/enrolment", tag = "Sessions", request_body = Asked,
    responses(
        (status = 201, body = Enrolment),
        (status = 401, description = "`bad_challenge`: please start again.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn begin_required_enrolment(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(Asked { challenge }): Body<Asked>,
) -> Result<Answer<Enrolment>, Problem> {
    if challenge.is_empty() {
        return Err(kit::failure::Violation::new("/challenge", "required", "challenge is required").into());
    }
    let enrolment = peers.factors().begin_enrolment(caller.ask(BeginEnrolmentRequest { challenge })).await?;
    Ok(Answer::of(enrolment).status(StatusCode::CREATED))
}
