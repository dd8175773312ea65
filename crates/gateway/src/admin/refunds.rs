//! Refunds (OR-5).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::{
    base::v1 as base,
    orders::v1::{CreateRefundRequest, LineQuantity},
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::Refund,
};

/// The routes about refunds.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(create_refund))
}

/// More than nothing of a currency.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 100, "currency": "EUR"}))]
pub struct GivenAmount {
    /// Minor units: 1999 is 19.99 EUR, 1999 JPY is 1999 yen.
    #[schema(minimum = 1, maximum = 999_999_999_999_i64)]
    pub amount: i64,
    /// ISO 4217 code, the order's.
    #[schema(format = "currency", pattern = "^[A-Z]{3}$")]
    pub currency: String,
}

impl From<GivenAmount> for base::Money {
    fn from(GivenAmount { amount, currency }: GivenAmount) -> Self {
        Self { amount, currency }
    }
}

/// So many of a line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LineUnits)]
pub struct Units {
    /// `line_…` of the order.
    #[schema(pattern = "^line_[0-9a-f]{32}$")]
    pub line: String,
    /// How many.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub quantity: u32,
}

impl From<Units> for LineQuantity {
    fn from(Units { line, quantity }: Units) -> Self {
        Self { line, quantity }
    }
}

/// What to give back: an amount, so many of some lines, or all that is left.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": {"amount": 100, "currency": "EUR"}, "reason": "One arrived scratched."}))]
pub struct NewRefund {
    /// How much; with lines, less than these cost, of which each line bears its share.
    #[serde(default)]
    pub amount: Option<GivenAmount>,
    /// Of which lines how many.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub lines: Vec<Units>,
    /// Whether what shipping cost goes back, too; with lines.
    #[serde(default)]
    pub shipping: bool,
    /// Why, 1 to 500 characters.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub reason: String,
    /// Whether the customer is to hear of it; true without it.
    #[serde(default)]
    pub notify: Option<bool>,
}

/// Give money back
///
/// Without an amount and lines: all that is left. Never more than was captured, however many do it at once. It goes through
/// the gateway that took the money; when that takes long, the refund stays `started` and is finished behind the request.
#[utoipa::path(
    post, path = "/admin/v1/orders/{id}/refunds", tag = "Orders", request_body = NewRefund,
    params(
        ("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer. Nothing is done without it.", example = "7f8d0e1c-refund-1042")
    ),
    responses(
        (status = 201, body = Refund),
        (status = 404, description = "`order_not_found`: there is no such order."),
        (status = 412, description = "`stale_version`: the order was changed in the meantime."),
        (status = 422, description = "`nothing_to_refund`: nothing came in, or all of it went back. | `refund_too_large`: less is left, or less of it at the gateway, through which goes back what it took before anything does by other means. | `line_not_found`: the order has no such line, or it is named twice. | `quantity_too_large`: fewer of a line are left. | `currency_mismatch`: the order is in another currency.")
    ),
    extensions(("x-permission" = json!([Permission::OrdersRefund.slug()])))
)]
async fn create_refund(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(order): Path<String>,
    Body(new): Body<NewRefund>,
) -> Result<Answer<Refund>, Problem> {
    let wanted = CreateRefundRequest {
        order,
        amount: new.amount.map(Into::into),
        lines: new.lines.into_iter().map(Into::into).collect(),
        shipping: new.shipping,
        reason: new.reason,
        notify: new.notify.unwrap_or(true),
    };
    Ok(Answer::<Refund>::of(peers.refunds().create_refund(caller.ask(wanted)).await?).status(StatusCode::CREATED))
}
