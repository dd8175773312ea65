//! From a cart to a paid order (OR-1).
use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use kit::failure::Violation;
use proto::orders::v1::{self as pb, BeginCheckoutRequest, CaptureCheckoutRequest, GetCheckoutStatusRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use crate::{
    answer::{Answer, only_by},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::Params},
    router::Gateway,
    shape::{GivenContact, Order},
};

/// The routes of a checkout.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(before_checkout).map(|routes| routes.head(async || only_by("GET"))))
        .routes(routes!(begin_checkout))
        .routes(routes!(capture_checkout))
        .routes(routes!(get_checkout_status))
}

/// What to check out.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "cart": "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "gateway": "test",
    "contact": {"email": "jane@example.com", "name": "Jane Doe"},
}))]
pub struct NewCheckout {
    /// `cart_…` or the client's own key.
    #[schema(min_length = 1, max_length = 100)]
    pub cart: String,
    /// Payment gateway, one of `checkouts/gateways`: `test`, `manual` or `stripe`.
    #[schema(pattern = "^(test|manual|stripe)$")]
    pub gateway: String,
    /// `cus_…` of the customer who is signed in.
    #[serde(default)]
    #[schema(pattern = "^(cus_[0-9a-f]{32})?$")]
    pub customer: Option<String>,
    /// Who buys; without it the customer who is signed in, or the cart's contact.
    #[serde(default)]
    pub contact: Option<GivenContact>,
}

/// A checkout that waits for payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "token": "checkout_Yk9vX0pKc2VjcmV0", "amount": 3998, "currency": "EUR", "gateway": "test",
    "cart": "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "abilities": ["refund", "redirect", "resume"],
    "publishable_key": null,
}))]
pub struct Checkout {
    /// To be sent with the capture. Whoever holds it with the shop's key may pay and see the order.
    pub token: String,
    /// What will be charged, in minor units of `currency`.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Payment gateway.
    pub gateway: String,
    /// `cart_…`.
    pub cart: String,
    /// What the gateway can do: `refund`, `redirect`, `resume`.
    pub abilities: Vec<String>,
    /// What Stripe.js is begun with; of `stripe` only.
    pub publishable_key: Option<String>,
}

impl From<pb::Checkout> for Checkout {
    fn from(checkout: pb::Checkout) -> Self {
        let pb::Checkout { token, amount, gateway, cart, abilities, publishable_key } = checkout;
        let amount = amount.unwrap_or_default();
        let publishable_key = crate::shape::text(publishable_key);
        Self { token, amount: amount.amount, currency: amount.currency, gateway, cart, abilities, publishable_key }
    }
}

/// A payment to take.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"token": "checkout_Yk9vX0pKc2VjcmV0", "payment_method": "pm_test_ok"}))]
pub struct Capture {
    /// The checkout's token.
    #[schema(min_length = 1)]
    pub token: String,
    /// The gateway's payment method; none for `manual`. The gateway `test` knows `pm_test_ok`, `pm_test_declined`,
    /// `pm_test_redirect`, `pm_test_timeout`, `pm_test_refund_refused`, `pm_test_refund_timeout` and
    /// `pm_test_renewal_declined`; `stripe` takes what Stripe.js has made, `pm_…`, or `hosted` for a page of its own, and never
    /// the number of a card.
    #[serde(default)]
    pub payment_method: Option<String>,
    /// Where the shopper comes back to from a page of the gateway's, with `stripe`.
    #[serde(default)]
    #[schema(pattern = "^(https?://[!-~]{1,900})?$", example = "https://shop.example.com/thanks")]
    pub return_url: Option<String>,
}

/// A checkout that is not complete.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "pending", "amount": 3998, "currency": "EUR", "redirect_url": null, "client_secret": null, "order": null}))]
pub struct Unfinished {
    /// `open` (nothing paid yet), `pending` (the outcome is not known yet) or `redirect`.
    pub status: String,
    /// What will be charged, in minor units of `currency`.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Where to send the shopper, with `redirect`.
    pub redirect_url: Option<String>,
    /// What Stripe.js goes on with (`handleNextAction`), with `redirect`; then capture again, by the same payment method.
    pub client_secret: Option<String>,
    /// The order, with `pending`.
    pub order: Option<Order>,
}

/// What came of a checkout.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the answer for the documentation")]
enum Outcome {
    /// It is complete: the order.
    Placed(Order),
    /// It is not complete.
    Unfinished(Unfinished),
}

/// How a checkout stands, in the terms of HTTP: the order itself once it is complete.
fn tell(outcome: tonic::Response<pb::CheckoutOutcome>) -> Result<Response, Problem> {
    let outcome = Answer::mapped(outcome, |outcome: pb::CheckoutOutcome| outcome);
    let status = outcome.body.status.clone();
    match (&*status, outcome.body.order.is_some()) {
        ("completed", true) => {
            Ok(outcome.map(|outcome| Order::from(outcome.order.unwrap_or_default())).tagged().into_response())
        }
        ("declined", _) => {
            let message = outcome.body.message;
            let message = if message.is_empty() { "The payment was declined.".to_owned() } else { message };
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "payment_declined", message))
        }
        ("open" | "pending" | "redirect", _) => {
            let code = if status == "pending" { StatusCode::ACCEPTED } else { StatusCode::OK };
            Ok(outcome.map(Unfinished::from).status(code).into_response())
        }
        (other, _) => Err(Problem::defect(&format!("a checkout is {other}"))),
    }
}

impl From<pb::CheckoutOutcome> for Unfinished {
    fn from(outcome: pb::CheckoutOutcome) -> Self {
        let amount = outcome.amount.unwrap_or_default();
        Self {
            status: outcome.status,
            amount: amount.amount,
            currency: amount.currency,
            redirect_url: crate::shape::text(outcome.redirect_url),
            client_secret: crate::shape::text(outcome.client_secret),
            order: outcome.order.map(Into::into),
        }
    }
}

async fn begin(peers: &Peers, caller: &Caller, wanted: BeginCheckoutRequest) -> Result<Answer<Checkout>, Problem> {
    Ok(Answer::of(peers.checkouts().begin_checkout(caller.ask(wanted)).await?))
}

/// Begin a checkout
///
/// The same as `POST checkouts`, in the form that existing shop clients use; who buys is the customer who is signed
/// in, or the cart's contact.
#[utoipa::path(
    get, path = "/storefront/v1/checkouts/before", tag = "Checkouts",
    params(
        ("cart" = String, Query, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"),
        ("gateway" = String, Query, description = "`test`, `manual` or `stripe`", pattern = "^(test|manual|stripe)$", example = "test"),
        ("customer" = Option<String>, Query, description = "`cus_…` of the customer who is signed in", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")
    ),
    responses(
        (status = 200, body = Checkout),
        (status = 404, description = "`cart_not_found`: there is no such cart. | `customer_not_found`: that is somebody else."),
        (status = 409, description = "`cart_closed`: the cart became an order, or expired. | `product_unavailable`: something in the cart cannot be bought any more. | `shipping_method_needed`: choose how the cart is shipped. | `shipping_method_withdrawn`: the chosen way to ship is no longer offered. | `shipping_method_elsewhere`: it does not go to that country."),
        (status = 422, description = "`cart_empty`: there is nothing in the cart. | `contact_missing`: neither the request, nor the customer, nor the cart says who buys. | `gateway_closed`: the store does not take payments by this gateway.")
    )
)]
async fn before_checkout(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Answer<Checkout>, Problem> {
    let (cart, customer, gateway) = (params.text("cart"), params.text("customer"), params.text("gateway"));
    begin(&peers, &caller, BeginCheckoutRequest { cart: named(cart, "cart")?, contact: None, gateway, customer }).await
}

/// Begin a checkout
///
/// Fixes the price that is shown; it is the price that is charged, or the capture fails and tells the new one.
#[utoipa::path(
    post, path = "/storefront/v1/checkouts", tag = "Checkouts", request_body = NewCheckout,
    responses(
        (status = 403, description = "`blocked`: the store keeps this address or e-mail address out."),
        (status = 200, body = Checkout),
        (status = 404, description = "`cart_not_found`: there is no such cart. | `customer_not_found`: that is somebody else."),
        (status = 409, description = "`cart_closed`: the cart became an order, or expired. | `product_unavailable`: something in the cart cannot be bought any more. | `shipping_method_needed`: choose how the cart is shipped. | `shipping_method_withdrawn`: the chosen way to ship is no longer offered. | `shipping_method_elsewhere`: it does not go to that country."),
        (status = 422, description = "`cart_empty`: there is nothing in the cart. | `contact_missing`: neither the request, nor the customer, nor the cart says who buys. | `gateway_closed`: the store does not take payments by this gateway.")
    )
)]
async fn begin_checkout(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(wanted): Body<NewCheckout>,
) -> Result<Answer<Checkout>, Problem> {
    let wanted = BeginCheckoutRequest {
        cart: named(wanted.cart, "cart")?,
        contact: wanted.contact.map(|contact| contact.read("/contact")).transpose()?,
        gateway: wanted.gateway,
        customer: wanted.customer.unwrap_or_default(),
    };
    begin(&peers, &caller, wanted).await
}

/// Pay
///
/// Answers the order once it is placed; repeating gives the same order. The outcome of a payment that takes too long
/// is told by `checkouts/status`.
#[utoipa::path(
    post, path = "/storefront/v1/checkouts/capture", tag = "Checkouts", request_body = Capture,
    responses(
        (status = 200, body = Outcome, description = "The order; or `{status: \"redirect\", redirect_url}` when the shopper has to go there to pay."),
        (status = 202, body = Unfinished, description = "The outcome is not known yet."),
        (status = 404, description = "`checkout_not_found`: there is no such checkout."),
        (status = 409, description = "`price_changed`: the price has changed; `amount` and `currency` tell the new one. | `cart_closed`: the cart has expired. | `product_unavailable`: something in the cart cannot be bought any more. | `shipping_method_needed`: choose how the cart is shipped. | `shipping_method_withdrawn`: the chosen way to ship is no longer offered. | `shipping_method_elsewhere`: it does not go to that country."),
        (status = 422, description = "`payment_declined`: the payment was declined. | `payment_method_unknown`: the gateway has no such payment method.")
    )
)]
async fn capture_checkout(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(capture): Body<Capture>,
) -> Result<Response, Problem> {
    let payment_method = capture.payment_method.unwrap_or_default();
    let return_url = capture.return_url.unwrap_or_default();
    let wanted = CaptureCheckoutRequest { token: named(capture.token, "token")?, payment_method, return_url };
    tell(peers.checkouts().capture_checkout(caller.ask(wanted)).await?)
}

/// How a checkout stands
///
/// Answers as the capture does.
#[utoipa::path(
    get, path = "/storefront/v1/checkouts/status", tag = "Checkouts",
    params(("token" = String, Query, description = "the checkout's token", min_length = 1, example = "checkout_Yk9vX0pKc2VjcmV0")),
    responses(
        (status = 200, body = Outcome, description = "The order; or `{status: \"open\"}`, or `{status: \"redirect\", redirect_url}`."),
        (status = 202, body = Unfinished, description = "The outcome is not known yet."),
        (status = 404, description = "`checkout_not_found`: there is no such checkout."),
        (status = 422, description = "`payment_declined`: the payment was declined.")
    )
)]
async fn get_checkout_status(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Response, Problem> {
    let wanted = GetCheckoutStatusRequest { token: named(params.text("token"), "token")? };
    tell(peers.checkouts().get_checkout_status(caller.ask(wanted)).await?)
}

/// What has to be named.
fn named(text: String, field: &'static str) -> Result<String, Violation> {
    let fault = || Violation::new(format!("/{field}"), "required", format!("{field} is required"));
    if text.is_empty() { Err(fault()) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: &str, order: Option<pb::Order>) -> Result<StatusCode, Problem> {
        let outcome = pb::CheckoutOutcome { status: status.to_owned(), order, ..Default::default() };
        tell(tonic::Response::new(outcome)).map(|response| response.status())
    }

    /// OR-1: what came of a payment is told by status.
    #[test]
    fn outcomes_have_statuses() -> Result<(), Problem> {
        assert_eq!(told("completed", Some(pb::Order::default()))?, StatusCode::OK);
        assert_eq!(told("redirect", None)?, StatusCode::OK);
        assert_eq!(told("open", None)?, StatusCode::OK);
        assert_eq!(told("pending", Some(pb::Order::default()))?, StatusCode::ACCEPTED);
        let declined = told("declined", None).map_err(|problem| problem.code().to_owned());
        assert_eq!(declined.err().as_deref(), Some("payment_declined"));
        assert!(told("completed", None).is_err());
        Ok(())
    }
}
