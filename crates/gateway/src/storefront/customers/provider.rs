//! Signing in with an account of Google, Apple or Facebook (ID-4).
use std::sync::Arc;

use axum::extract::State;
use proto::identity::v1::SignInWithProviderRequest;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{customer::Customer, sign_in::signed_in};
use crate::{answer::Answer, caller::Caller, credentials::Desk, peers::Peers, problem::Problem, request::body::Body};

/// What Google gave out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"idToken": "eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "clientId": "123.apps.googleusercontent.com"}))]
pub struct GoogleSignIn {
    /// The id token.
    #[serde(alias = "id_token")]
    #[schema(min_length = 1, pattern = r"\S")]
    pub id_token: String,
    /// The client it was given out to.
    #[serde(default, alias = "client_id")]
    pub client_id: Option<String>,
    /// What the app asked Google to put into the token. It is good once.
    #[serde(default)]
    pub nonce: Option<String>,
    /// The cart that was filled before, `cart_…` or the client's own key: it goes into the customer's.
    #[serde(default)]
    #[schema(max_length = 100, pattern = "^[ -~]*$")]
    pub cart: Option<String>,
}

/// Sign in with Google
///
/// Everything about the person comes from the verified token.
#[utoipa::path(
    post, path = "/storefront/v1/customers/login-with-google", tag = "Customers", request_body = GoogleSignIn,
    operation_id = "log_in_with_google",
    responses(
        (status = 200, body = Customer, description = "The customer, with the `token` to send as `Customer-Token`."),
        (status = 401, description = "`bad_token`: the token is not right or no longer valid."),
        (status = 403, description = "`registration_refused`: the registration looks like spam, and the store refuses such."),
        (status = 409, description = "`already_registered`: there is an account whose e-mail address was never proven; sign in to it another way."),
        (status = 422, description = "`provider_unknown`: signing in with Google is not set up. | `email_required`: Google tells no e-mail address."),
        (status = 429, description = "`too_many_attempts`: too many tries from this address.")
    )
)]
pub async fn google(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    Body(given): Body<GoogleSignIn>,
) -> Result<Answer<Customer>, Problem> {
    let request = SignInWithProviderRequest {
        provider: "google".to_owned(),
        nonce: given.nonce.unwrap_or_default(),
        id_token: given.id_token,
        client_id: given.client_id.unwrap_or_default(),
        ..SignInWithProviderRequest::default()
    };
    enter((&peers, &desk), &caller, request, given.cart).await
}

/// What Apple gave out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"identityToken": "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"}))]
pub struct AppleSignIn {
    /// The identity token.
    #[serde(alias = "identity_token")]
    #[schema(min_length = 1, pattern = r"\S")]
    pub identity_token: String,
    /// What the app asked Apple to put into the token. It is good once.
    #[serde(default)]
    pub nonce: Option<String>,
    /// The cart that was filled before, `cart_…` or the client's own key: it goes into the customer's.
    #[serde(default)]
    #[schema(max_length = 100, pattern = "^[ -~]*$")]
    pub cart: Option<String>,
}

/// Sign in with Apple
///
/// Everything about the person comes from the verified token.
#[utoipa::path(
    post, path = "/storefront/v1/customers/login-with-apple", tag = "Customers", request_body = AppleSignIn,
    operation_id = "log_in_with_apple",
    responses(
        (status = 200, body = Customer, description = "The customer, with the `token` to send as `Customer-Token`."),
        (status = 401, description = "`bad_token`: the token is not right or no longer valid."),
        (status = 403, description = "`registration_refused`: the registration looks like spam, and the store refuses such."),
        (status = 409, description = "`already_registered`: there is an account whose e-mail address was never proven; sign in to it another way."),
        (status = 422, description = "`provider_unknown`: signing in with Apple is not set up. | `email_required`: Apple tells no e-mail address."),
        (status = 429, description = "`too_many_attempts`: too many tries from this address.")
    )
)]
pub async fn apple(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    Body(given): Body<AppleSignIn>,
) -> Result<Answer<Customer>, Problem> {
    let request = SignInWithProviderRequest {
        provider: "apple".to_owned(),
        nonce: given.nonce.unwrap_or_default(),
        id_token: given.identity_token,
        ..SignInWithProviderRequest::default()
    };
    enter((&peers, &desk), &caller, request, given.cart).await
}

/// What Facebook gave out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"accessToken": "EAABsbCS1iHgBA"}))]
pub struct FacebookSignIn {
    /// The id token of a Limited Login; this or `accessToken` is needed.
    #[serde(default, alias = "id_token")]
    #[schema(min_length = 1, pattern = r"\S")]
    pub id_token: Option<String>,
    /// The access token, which Facebook is asked about.
    #[serde(default, alias = "access_token")]
    #[schema(min_length = 1, pattern = r"\S")]
    pub access_token: Option<String>,
    /// What the app asked Facebook to put into the token. It is good once.
    #[serde(default)]
    pub nonce: Option<String>,
    /// The cart that was filled before, `cart_…` or the client's own key: it goes into the customer's.
    #[serde(default)]
    #[schema(max_length = 100, pattern = "^[ -~]*$")]
    pub cart: Option<String>,
}

/// Sign in with Facebook
///
/// With the id token of a Limited Login, or an access token that Facebook is asked about.
#[utoipa::path(
    post, path = "/storefront/v1/customers/login-with-facebook", tag = "Customers", request_body = FacebookSignIn,
    operation_id = "log_in_with_facebook",
    responses(
        (status = 200, body = Customer, description = "The customer, with the `token` to send as `Customer-Token`."),
        (status = 401, description = "`bad_token`: the token is not right or no longer valid."),
        (status = 403, description = "`registration_refused`: the registration looks like spam, and the store refuses such."),
        (status = 409, description = "`already_registered`: there is an account whose e-mail address was never proven; sign in to it another way."),
        (status = 422, description = "`provider_unknown`: signing in with Facebook is not set up. | `email_required`: Facebook tells no e-mail address."),
        (status = 429, description = "`too_many_attempts`: too many tries from this address.")
    )
)]
pub async fn facebook(
    State(peers): State<Arc<Peers>>,
    State(desk): State<Desk>,
    caller: Caller,
    Body(given): Body<FacebookSignIn>,
) -> Result<Answer<Customer>, Problem> {
    let request = SignInWithProviderRequest {
        provider: "facebook".to_owned(),
        nonce: given.nonce.unwrap_or_default(),
        id_token: given.id_token.unwrap_or_default(),
        access_token: given.access_token.unwrap_or_default(),
        ..SignInWithProviderRequest::default()
    };
    enter((&peers, &desk), &caller, request, given.cart).await
}

async fn enter(
    (peers, desk): (&Peers, &Desk),
    caller: &Caller,
    request: SignInWithProviderRequest,
    cart: Option<String>,
) -> Result<Answer<Customer>, Problem> {
    let account = peers.provider_sign_ins().sign_in_with_provider(caller.ask(request)).await?;
    signed_in((peers, desk), caller, account, cart).await
}
