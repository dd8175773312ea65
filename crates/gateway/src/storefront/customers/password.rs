//! Passwords: forgotten, reset, set (ID-11).
use std::sync::Arc;

use axum::extract::State;
use proto::identity::v1::{RequestPasswordResetRequest, ResetPasswordRequest, SetPasswordRequest};
use serde::Deserialize;
use utoipa::ToSchema;

use super::sign_in::{Done, given};
use crate::{answer::Answer, caller::Caller, peers::Peers, problem::Problem, request::body::Body};

/// Whose password was forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(min_properties = 1, example = json!({"identity": "jane@example.com"}))]
pub struct ForgottenPassword {
    /// E-mail address or phone number.
    #[serde(default)]
    #[schema(format = "identity", max_length = 254)]
    pub identity: Option<String>,
    /// E-mail address.
    #[serde(default)]
    #[schema(format = "email")]
    pub email: Option<String>,
    /// Phone number.
    #[serde(default)]
    #[schema(format = "phone")]
    pub phone: Option<String>,
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"identity": "jane@example.com", "code": "042137", "password": "a long enough password"}))]
pub struct PasswordReset {
    /// What the code was asked for with.
    #[schema(format = "identity", max_length = 254)]
    pub identity: String,
    /// The six digits.
    #[schema(
        min_length = 1,
        max_length = 40,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub code: String,
    /// The new password.
    #[schema(format = "password", min_length = 8, max_length = 256)]
    pub password: String,
}

/// A password of one's own.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"password": "another long password", "current_password": "a long enough password"}))]
pub struct OwnPassword {
    /// The new password.
    #[schema(format = "password", min_length = 8, max_length = 256)]
    pub password: String,
    /// The password so far; an account without one needs a sign-in within the last 15 minutes instead.
    #[serde(default)]
    pub current_password: Option<String>,
}

/// Ask for a code to set a new password with
///
/// The answer is the same whether or not there is an account.
#[utoipa::path(
    post, path = "/storefront/v1/customers/forgot-password", tag = "Customers", request_body = ForgottenPassword,
    operation_id = "forgot_password",
    responses((status = 200, body = Done), (status = 429, description = "`too_many_attempts`: too many codes were sent there."))
)]
pub async fn forgot(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(wanted): Body<ForgottenPassword>,
) -> Result<Answer<Done>, Problem> {
    let identity = given([wanted.identity, wanted.email, wanted.phone])?;
    let sent = peers.passwords().request_password_reset(caller.ask(RequestPasswordResetRequest { identity })).await?;
    Ok(Answer::mapped(sent, |_| Done { status: "ok" }))
}

/// Set a new password with a code
///
/// All sessions of the account end.
#[utoipa::path(
    post, path = "/storefront/v1/customers/reset-password", tag = "Customers", request_body = PasswordReset,
    operation_id = "reset_password",
    responses(
        (status = 200, body = Done),
        (status = 422, description = "`bad_code`: the code is wrong or no longer valid."),
        (status = 429, description = "`too_many_attempts`: too many tries from this address.")
    )
)]
pub async fn reset(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(PasswordReset { identity, code, password }): Body<PasswordReset>,
) -> Result<Answer<Done>, Problem> {
    let set = peers.passwords().reset_password(caller.ask(ResetPasswordRequest { identity, code, password })).await?;
    Ok(Answer::mapped(set, |_| Done { status: "ok" }))
}

/// Set one's own password
///
/// The first one, or another one with the one so far. All other sessions end.
#[utoipa::path(
    post, path = "/storefront/v1/customers/set-password", tag = "Customers", request_body = OwnPassword,
    operation_id = "set_password",
    responses(
        (status = 200, body = Done),
        (status = 403, description = "`recent_sign_in_required`: sign in again first. | `impersonated`: not on behalf of a customer."),
        (status = 422, description = "`bad_password`: the current password is another one."),
        (status = 429, description = "`too_many_attempts`: too many tries from this address.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn set(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(OwnPassword { password, current_password }): Body<OwnPassword>,
) -> Result<Answer<Done>, Problem> {
    let request = SetPasswordRequest { password, current: current_password.unwrap_or_default() };
    let set = peers.passwords().set_password(caller.ask(request)).await?;
    Ok(Answer::mapped(set, |_| Done { status: "ok" }))
}
