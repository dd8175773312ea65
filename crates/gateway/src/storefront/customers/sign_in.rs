//! Registering, signing in and out (ID-1, ID-2, ID-5, ID-10).
use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use kit::failure::Violation;
use proto::{
    customers::v1::GetCustomerRequest,
    identity::v1::{LogInRequest, LogOutRequest, RegisterRequest, RequestCreationCodeRequest, SignedInAccount},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{customer::Customer, guest_cart::take_along};
use crate::{answer::Answer, caller::Caller, credentials::Desk, peers::Peers, problem::Problem, request::body::Body};

/// Where a code is to go: `mode` and `identity`, or `email`, or `phone`.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(min_properties = 1, example = json!({"mode": "email", "identity": "jane@example.com"}))]
pub struct CodeRequest {
    /// `email` or `sms`; read off the identity without it.
    #[serde(default)]
    #[schema(pattern = "^(email|sms)$")]
    pub mode: Option<String>,
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

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Done {
    /// `ok`.
    pub status: &'static str,
}

/// An account to create.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "identity": "jane@example.com", "code": "042137", "name": "Jane Doe", "password": "a long enough password",
}))]
pub struct Registration {
    /// The e-mail address or phone number that the code was sent to.
    #[serde(default)]
    #[schema(format = "identity", max_length = 254)]
    pub identity: Option<String>,
    /// E-mail address; required with a phone number as identity.
    #[serde(default)]
    #[schema(format = "email")]
    pub email: Option<String>,
    /// Phone number.
    #[serde(default)]
    #[schema(format = "phone")]
    pub phone: Option<String>,
    /// The six digits.
    #[schema(
        min_length = 1,
        max_length = 40,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub code: String,
    /// Full name.
    #[schema(
        min_length = 1,
        max_length = 120,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// Password, 8 to 256 characters; an account can do without.
    #[serde(default)]
    #[schema(format = "password", min_length = 8, max_length = 256)]
    pub password: Option<String>,
    /// The cart that was filled before, `cart_…` or the client's own key: it goes into the customer's.
    #[serde(default)]
    #[schema(max_length = 100, pattern = "^[ -~]*$")]
    pub cart: Option<String>,
}

/// Credentials.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"identity": "jane@example.com", "password": "a long enough password"}))]
pub struct Login {
    /// E-mail address or phone number.
    #[schema(min_length = 1, pattern = r"\S")]
    pub identity: String,
    /// The password.
    #[schema(min_length = 1)]
    pub password: String,
    /// The cart that was filled before, `cart_…` or the client's own key: it goes into the customer's.
    #[serde(default)]
    #[schema(max_length = 100, pattern = "^[ -~]*$")]
    pub cart: Option<String>,
}

/// Ask for a registration code
///
/// The answer is the same whether or not there is an account.
#[utoipa::path(
    post, path = "/storefront/v1/customers/request-creation-code", tag = "Customers", request_body = CodeRequest,
    responses(
        (status = 403, description = "`blocked`: the store keeps this address or e-mail address out."),
        (status = 200, body = Done),
        (status = 429, description = "`too_many_attempts`: too many codes were sent there.")
    )
)]
pub async fn request_creation_code(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(wanted): Body<CodeRequest>,
) -> Result<Answer<Done>, Problem> {
    let identity = given([wanted.identity, wanted.email, wanted.phone])?;
    let mode = wanted.mode.unwrap_or_else(|| if identity.contains('@') { "email" } else { "sms" }.to_owned());
    let sent =
        peers.accounts().request_creation_code(caller.ask(RequestCreationCodeRequest { mode, identity })).await?;
    Ok(Answer::mapped(sent, |_| Done { status: "ok" }))
}

/// Register
///
/// Creates the account with the code that was sent, and signs in. Somebody who has bought as a guest before keeps
/// their record.
#[utoipa::path(
    post, path = "/storefront/v1/customers", tag = "Customers", request_body = Registration,
    responses(
        (status = 403, description = "`blocked`: the store keeps this address or e-mail address out. | `registration_refused`: the registration looks like spam, and the store refuses such."),
        (status = 201, body = Customer, description = "The customer, with the `token` to send as `Customer-Token`."),
        (status = 409, description = "`already_registered`: there is an account already. | `phone_taken`: the phone number belongs to another account."),
        (status = 422, description = "`bad_code`: the code is wrong or no longer valid."),
        (status = 429, description = "`too_many_attempts`: too many accounts were made from this address.")
    )
)]
pub async fn register(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    Body(wanted): Body<Registration>,
) -> Result<Answer<Customer>, Problem> {
    let cart = wanted.cart;
    let wanted = RegisterRequest {
        identity: given([wanted.identity, wanted.email.clone(), wanted.phone.clone()])?,
        code: wanted.code,
        name: wanted.name,
        password: wanted.password.unwrap_or_default(),
        email: wanted.email.unwrap_or_default(),
        phone: wanted.phone.unwrap_or_default(),
    };
    let account = peers.accounts().register(caller.ask(wanted)).await?;
    Ok(signed_in((&peers, &desk), &caller, account, cart).await?.status(StatusCode::CREATED))
}

/// Sign in
///
/// With e-mail address or phone number, and password.
#[utoipa::path(
    post, path = "/storefront/v1/customers/login", tag = "Customers", request_body = Login,
    responses(
        (status = 403, description = "`blocked`: the store keeps this address or e-mail address out."),
        (status = 200, body = Customer, description = "The customer, with the `token` to send as `Customer-Token`."),
        (status = 401, description = "`bad_credentials`: these credentials are not right."),
        (status = 429, description = "`too_many_attempts`: too many tries from this address.")
    )
)]
pub async fn log_in(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    Body(Login { identity, password, cart }): Body<Login>,
) -> Result<Answer<Customer>, Problem> {
    let account = peers.accounts().log_in(caller.ask(LogInRequest { identity, password })).await?;
    signed_in((&peers, &desk), &caller, account, cart).await
}

/// Sign out
///
/// Ends the session of the `Customer-Token`.
#[utoipa::path(
    post, path = "/storefront/v1/customers/logout", tag = "Customers", responses((status = 200, body = Done)),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn log_out(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
) -> Result<Answer<Done>, Problem> {
    let ended = peers.accounts().log_out(caller.ask(LogOutRequest {})).await?;
    if let Some(session) = &caller.actor()?.session {
        desk.revoke(session);
    }
    Ok(Answer::mapped(ended, |_| Done { status: "ok" }))
}

/// The customer who has just signed in, asked for in their own name, with what became of the `cart` they name.
pub async fn signed_in(
    (peers, desk): (&Peers, &Desk),
    caller: &Caller,
    account: tonic::Response<SignedInAccount>,
    cart: Option<String>,
) -> Result<Answer<Customer>, Problem> {
    let account = Answer::mapped(account, |account: SignedInAccount| account);
    let credentials = caller.admitted()?.credentials.signed_in(&account.body.token);
    let customer = caller.signed_in(desk.admit(credentials, caller.arrival()).await?);
    let wanted = GetCustomerRequest { id: account.body.customer.clone() };
    let found = peers.customers().get_customer(customer.ask(wanted)).await?.into_inner();
    let cart = take_along(peers, &customer, cart).await;
    Ok(account.map(|account| Customer { token: Some(account.token), cart, ..Customer::from(found) }).tagged())
}

/// The first name that was given.
pub fn given(names: [Option<String>; 3]) -> Result<String, Violation> {
    let named = names.into_iter().flatten().find(|name| !name.trim().is_empty());
    named.ok_or_else(|| Violation::new("/identity", "required", "give an e-mail address or a phone number"))
}
