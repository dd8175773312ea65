//! Checking out a cart in its customer's name (CA-7).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::orders::v1::{CheckOutNowRequest, CheckoutOutcome, OpenCheckoutNowRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::Order,
};

/// The route about it.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(check_out_now))
}

/// How a cart is paid; nothing, to go on in the console.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct CheckoutNow {
    /// Payment gateway: `test`, `manual` or `stripe`.
    #[schema(pattern = "^(test|manual|stripe)?$")]
    pub gateway: Option<String>,
    /// The gateway's payment method; none for `manual`.
    #[schema(max_length = 110)]
    pub payment_method: Option<String>,
    /// What it is to cost, in minor units of the cart's currency: it is not bought for anything else.
    #[schema(minimum = 0)]
    pub expected_total: Option<i64>,
}

/// Where to go on, or what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"url": "https://shop.example.com/console/carts/cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42/checkout-now", "status": "open", "order": null}))]
pub struct CheckedOut {
    /// Page of the console to complete the order on, where no gateway was named.
    pub url: Option<String>,
    /// `open` (nothing was paid), `pending` (the outcome is not known yet) or `completed`.
    pub status: String,
    /// The order.
    pub order: Option<Order>,
}

fn tell(outcome: tonic::Response<CheckoutOutcome>) -> Result<Answer<CheckedOut>, Problem> {
    let outcome = Answer::mapped(outcome, |outcome: CheckoutOutcome| outcome);
    match &*outcome.body.status {
        "declined" => {
            let message = outcome.body.message;
            let message = if message.is_empty() { "The payment was declined.".to_owned() } else { message };
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "payment_declined", message))
        }
        status => {
            let code = if status == "pending" { StatusCode::ACCEPTED } else { StatusCode::OK };
            let shape = |told: CheckoutOutcome| CheckedOut {
                url: None,
                status: told.status,
                order: told.order.map(Into::into),
            };
            Ok(outcome.map(shape).status(code))
        }
    }
}

/// Check out now
///
/// In the customer's name, for staff in person: without a gateway it answers a page of the console to complete the order on,
/// with one it pays the cart as it stands, for its contact. The order looks placed by the customer and comes from their
/// network address as it was last known; the audit names who did it, who is the order's agent unless somebody is. What
/// sends customers to a page of their own is refused: send them a check-out link.
#[utoipa::path(
    post, path = "/admin/v1/carts/{id}/checkout-now", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    request_body = CheckoutNow,
    responses(
        (status = 200, body = CheckedOut),
        (status = 202, body = CheckedOut, description = "The payment is not known to have come about yet."),
        (status = 404, description = "`cart_not_found`, `customer_not_found`: there is no such cart, or its customer is not yours to see."),
        (status = 409, description = "`cart_closed`: the cart became an order, or expired. | `price_changed`: it costs something else than `expected_total`, or than a moment ago. | `product_unavailable`, `voucher_used_up`, `shipping_method_needed`, `shipping_method_withdrawn`, `shipping_method_elsewhere`: the cart is to be changed first."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`redirect_for_agents`: it takes the customer's own hands. | `customer_needed`, `customer_inactive`, `contact_missing`, `cart_empty`, `gateway_closed`, `payment_method_unknown`, `payment_declined`: it cannot be bought so.")
    ),
    extensions(("x-permission" = json!([
        Permission::CartsWrite.slug(), Permission::CustomersRead.slug(), Permission::CustomersPii.slug()
    ])))
)]
async fn check_out_now(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(cart): Path<String>,
    Body(CheckoutNow { gateway, payment_method, expected_total }): Body<CheckoutNow>,
) -> Result<Answer<CheckedOut>, Problem> {
    let (gateway, payment_method) = (gateway.unwrap_or_default(), payment_method.unwrap_or_default());
    if gateway.is_empty() && payment_method.is_empty() {
        let opened = peers.checkouts_now().open_checkout_now(caller.ask(OpenCheckoutNowRequest { cart })).await?;
        let shape = |opened: proto::orders::v1::CheckoutNow| CheckedOut {
            url: Some(opened.url),
            status: "open".to_owned(),
            order: None,
        };
        return Ok(Answer::mapped(opened, shape));
    }
    let wanted = CheckOutNowRequest { cart, gateway, payment_method, expected_total };
    tell(peers.checkouts_now().check_out_now(caller.ask(wanted)).await?)
}
