//! E-mail address and phone number, changed by proving the new one (ID-11).
use std::sync::Arc;

use axum::extract::State;
use proto::{
    customers::v1::GetCustomerRequest,
    identity::v1::{RequestContactCodeRequest, VerifyContactRequest},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{customer::Customer, sign_in::Done};
use crate::{answer::Answer, caller::Caller, peers::Peers, problem::Problem, request::body::Body};

/// A phone number to prove.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"phone": "+4930901820"}))]
pub struct NewPhone {
    /// Phone number.
    #[schema(format = "phone", max_length = 40)]
    pub phone: String,
}

/// A phone number with its code.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"phone": "+4930901820", "code": "042137"}))]
pub struct ProvenPhone {
    /// Phone number.
    #[schema(format = "phone", max_length = 40)]
    pub phone: String,
    /// The six digits.
    #[schema(
        min_length = 1,
        max_length = 40,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub code: String,
}

/// An e-mail address to prove.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"email": "jane@example.com"}))]
pub struct NewEmail {
    /// E-mail address.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
}

/// An e-mail address with its code.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"email": "jane@example.com", "code": "042137"}))]
pub struct ProvenEmail {
    /// E-mail address.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    /// The six digits.
    #[schema(
        min_length = 1,
        max_length = 40,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub code: String,
}

/// Ask for a code to prove a phone number
///
/// The answer is the same whether or not it is somebody else's.
#[utoipa::path(
    post, path = "/storefront/v1/customers/request-phone-verification", tag = "Customers", request_body = NewPhone,
    responses(
        (status = 200, body = Done),
        (status = 403, description = "`recent_sign_in_required`: sign in again first. | `impersonated`: not on behalf of a customer."),
        (status = 429, description = "`too_many_attempts`: too many codes were sent there.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn request_phone_code(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(NewPhone { phone }): Body<NewPhone>,
) -> Result<Answer<Done>, Problem> {
    request_code(&peers, &caller, ("sms", phone)).await
}

/// Take over a phone number with its code
///
/// It signs in from now on.
#[utoipa::path(
    post, path = "/storefront/v1/customers/verify-phone-number", tag = "Customers", request_body = ProvenPhone,
    responses(
        (status = 200, body = Customer),
        (status = 403, description = "`impersonated`: not on behalf of a customer."),
        (status = 422, description = "`bad_code`: the code is wrong or no longer valid.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn verify_phone(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(ProvenPhone { phone, code }): Body<ProvenPhone>,
) -> Result<Answer<Customer>, Problem> {
    let mode = "sms".to_owned();
    verify(&peers, &caller, VerifyContactRequest { mode, identity: phone, code }).await
}

/// Ask for a code to prove an e-mail address
///
/// The answer is the same whether or not it is somebody else's.
#[utoipa::path(
    post, path = "/storefront/v1/customers/request-email-verification", tag = "Customers", request_body = NewEmail,
    responses(
        (status = 200, body = Done),
        (status = 403, description = "`recent_sign_in_required`: sign in again first. | `impersonated`: not on behalf of a customer."),
        (status = 429, description = "`too_many_attempts`: too many codes were sent there.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn request_email_code(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(NewEmail { email }): Body<NewEmail>,
) -> Result<Answer<Done>, Problem> {
    request_code(&peers, &caller, ("email", email)).await
}

/// Take over an e-mail address with its code
///
/// It signs in from now on.
#[utoipa::path(
    post, path = "/storefront/v1/customers/verify-email", tag = "Customers", request_body = ProvenEmail,
    responses(
        (status = 200, body = Customer),
        (status = 403, description = "`impersonated`: not on behalf of a customer."),
        (status = 422, description = "`bad_code`: the code is wrong or no longer valid.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn verify_email(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(ProvenEmail { email, code }): Body<ProvenEmail>,
) -> Result<Answer<Customer>, Problem> {
    let mode = "email".to_owned();
    verify(&peers, &caller, VerifyContactRequest { mode, identity: email, code }).await
}

async fn request_code(
    peers: &Peers,
    caller: &Caller,
    (mode, identity): (&str, String),
) -> Result<Answer<Done>, Problem> {
    let request = RequestContactCodeRequest { mode: mode.to_owned(), identity };
    let sent = peers.contacts().request_contact_code(caller.ask(request)).await?;
    Ok(Answer::mapped(sent, |_| Done { status: "ok" }))
}

async fn verify(peers: &Peers, caller: &Caller, request: VerifyContactRequest) -> Result<Answer<Customer>, Problem> {
    let proven = peers.contacts().verify_contact(caller.ask(request)).await?;
    let id = proven.get_ref().customer.clone();
    let found = peers.customers().get_customer(caller.ask(GetCustomerRequest { id })).await?.into_inner();
    Ok(Answer::<Customer>::mapped(proven, |_| found.into()).tagged())
}
