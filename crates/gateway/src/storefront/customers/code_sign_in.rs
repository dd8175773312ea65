//! Signing in with a code by text message or mail (ID-3).
use std::sync::Arc;

use axum::extract::State;
use kit::failure::Violation;
use proto::identity::v1::{RequestSignInCodeRequest, VerifySignInCodeRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    customer::Customer,
    sign_in::{given, signed_in},
};
use crate::{answer::Answer, caller::Caller, credentials::Desk, peers::Peers, problem::Problem, request::body::Body};

/// Where a code is to go: `phone`, or any of the others.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(min_properties = 1, example = json!({"phone": "+4930901820"}))]
pub struct SignInCodeRequest {
    /// Phone number.
    #[serde(default)]
    #[schema(format = "phone", max_length = 40)]
    pub phone: Option<String>,
    /// E-mail address or phone number.
    #[serde(default)]
    #[schema(format = "identity")]
    pub identity: Option<String>,
    /// E-mail address.
    #[serde(default)]
    #[schema(format = "email")]
    pub email: Option<String>,
}

/// How a code goes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "OK", "method": "sms"}))]
pub struct CodeSent {
    /// `OK`.
    pub status: &'static str,
    /// `sms`, or `email` while text messages do not go out.
    pub method: String,
}

/// A code that arrived.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SignInCode, example = json!({"identity": "+4930901820", "code": "042137"}))]
pub struct SignInCode {
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
    /// What for: `login`, or left out.
    #[serde(default)]
    #[schema(pattern = "^(login|storefront_login)?$")]
    pub r#for: Option<String>,
    /// The cart that was filled before, `cart_…` or the client's own key: it goes into the customer's.
    #[serde(default)]
    #[schema(max_length = 100, pattern = "^[ -~]*$")]
    pub cart: Option<String>,
}

/// Ask for a code to sign in with
///
/// By text message; by mail for an e-mail address, and while text messages do not go out. The answer is the same
/// whether or not there is an account.
#[utoipa::path(
    post, path = "/storefront/v1/customers/login-with-sms", tag = "Customers", request_body = SignInCodeRequest,
    operation_id = "request_sign_in_code",
    responses((status = 200, body = CodeSent), (status = 429, description = "`too_many_attempts`: too many codes were sent there."))
)]
pub async fn request_code(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(wanted): Body<SignInCodeRequest>,
) -> Result<Answer<CodeSent>, Problem> {
    let identity = given([wanted.phone, wanted.identity, wanted.email])?;
    let sent = peers.code_sign_ins().request_sign_in_code(caller.ask(RequestSignInCodeRequest { identity })).await?;
    Ok(Answer::mapped(sent, |sent| CodeSent { status: "OK", method: sent.method }))
}

/// Sign in with a code
#[utoipa::path(
    post, path = "/storefront/v1/customers/verify-code", tag = "Customers", request_body = SignInCode,
    operation_id = "verify_sign_in_code",
    responses(
        (status = 200, body = Customer, description = "The customer, with the `token` to send as `Customer-Token`."),
        (status = 422, description = "`bad_code`: the code is wrong or no longer valid."),
        (status = 429, description = "`too_many_attempts`: too many tries from this address.")
    )
)]
pub async fn verify_code(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    Body(given): Body<SignInCode>,
) -> Result<Answer<Customer>, Problem> {
    let SignInCode { identity, code, r#for, cart } = given;
    if !matches!(r#for.as_deref().unwrap_or_default(), "" | "login" | "storefront_login") {
        return Err(Violation::new("/for", "unknown", "codes for anything else have addresses of their own").into());
    }
    let request = VerifySignInCodeRequest { identity, code };
    let account = peers.code_sign_ins().verify_sign_in_code(caller.ask(request)).await?;
    signed_in((&peers, &desk), &caller, account, cart).await
}
