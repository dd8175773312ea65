//! Paying what is due of one's own order (OR-2, PO-1).
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use proto::orders::v1::{self as pb, PayOrderRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    shape::{Money, text},
};

/// How it is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"gateway": "test", "payment_method": "pm_test_ok"}))]
pub struct OwnPayment {
    /// `stripe` or `test`.
    #[schema(pattern = "^(stripe|test)$")]
    pub gateway: String,
    /// The gateway's payment method, never the number of a card.
    #[schema(min_length = 1, max_length = 100)]
    pub payment_method: String,
    /// Where you come back to from a page of the gateway's.
    #[serde(default)]
    #[schema(pattern = "^(https?://[!-~]{1,900})?$", example = "https://shop.example.com/thanks")]
    pub return_url: Option<String>,
}

/// What is due of an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "status": "paid", "due": {"amount": 0, "currency": "EUR"}, "redirect_url": null, "client_secret": null,
}))]
pub struct Bill {
    /// `paid`, `redirect`, `pending` (the outcome is not known yet) or `cancelled`.
    pub status: String,
    /// How much is due.
    pub due: Option<Money>,
    /// Where to go to pay, with `redirect`.
    pub redirect_url: Option<String>,
    /// What Stripe.js goes on with, with `redirect`.
    pub client_secret: Option<String>,
}

impl From<pb::Bill> for Bill {
    fn from(bill: pb::Bill) -> Self {
        Self {
            status: bill.status,
            due: bill.due.map(Into::into),
            redirect_url: text(bill.redirect_url),
            client_secret: text(bill.client_secret),
        }
    }
}

/// Pay an order of yours
///
/// What is due of an order on invoice. Repeated, or paid meanwhile in another way, the money is taken once.
#[utoipa::path(
    post, path = "/account/v1/orders/{id}/pay", tag = "Orders", operation_id = "pay_order", request_body = OwnPayment,
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses(
        (status = 200, body = Bill),
        (status = 202, body = Bill, description = "The outcome is not known yet; the same request tells it later."),
        (status = 404, description = "`order_not_found`: you have no such order."),
        (status = 422, description = "`payment_declined`: the payment was declined. | `payment_method_unknown`: the gateway has no such payment method. | `gateway_closed`: the store does not take payments by this gateway.")
    )
)]
pub async fn pay(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(OwnPayment { gateway, payment_method, return_url }): Body<OwnPayment>,
) -> Result<Response, Problem> {
    let wanted = PayOrderRequest { id, gateway, payment_method, return_url: return_url.unwrap_or_default() };
    let bill = Answer::mapped(peers.payment_links().pay_order(caller.ask(wanted)).await?, |bill: pb::Bill| bill);
    if bill.body.status == "declined" {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "payment_declined", bill.body.message));
    }
    let status = if bill.body.status == "pending" { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok(bill.map(Bill::from).status(status).into_response())
}
