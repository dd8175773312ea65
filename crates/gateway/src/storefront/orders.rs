//! Orders of the customer who is signed in, and such as somebody has a link to.
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::{DateTime, Utc};
use proto::orders::v1::{self as pb, GetOrderRequest, ViewOrderRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    receipts::{self, Form},
    request::params::Params,
    router::Gateway,
    shape::{Money, Order, OrderLine, Receipt, Shipment, time},
};

/// The routes about orders.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(get_order)).routes(routes!(get_receipt)).routes(routes!(view_order))
}

/// An order as whoever has a link to it sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicOrder {
    /// Number that people use.
    pub number: String,
    /// `sto_…`.
    pub store: String,
    /// `placed`, `completed` or `cancelled`.
    pub status: String,
    /// `pending`, `paid`, `partially_refunded` or `refunded`.
    pub payment_status: String,
    /// `unfulfilled`, `partial` or `fulfilled`.
    pub fulfilment_status: String,
    /// What was bought, as it was then.
    pub lines: Vec<OrderLine>,
    /// Sum of the lines.
    pub subtotal: Money,
    /// Taken off.
    pub discount: Money,
    /// Shipping.
    pub shipping: Money,
    /// Tax.
    pub tax: Money,
    /// What was to be paid.
    pub total: Money,
    /// What went back.
    pub refunded: Money,
    /// What has left the house, oldest first.
    pub shipments: Vec<Shipment>,
    /// When it was placed.
    pub placed_at: Option<DateTime<Utc>>,
}

impl From<pb::PublicOrder> for PublicOrder {
    fn from(order: pb::PublicOrder) -> Self {
        let money = |money: Option<_>| money.map(Money::from).unwrap_or_default();
        Self {
            number: order.number,
            store: order.store,
            status: order.status,
            payment_status: order.payment_status,
            fulfilment_status: order.fulfilment_status,
            lines: order.lines.into_iter().map(Into::into).collect(),
            subtotal: money(order.subtotal),
            discount: money(order.discount),
            shipping: money(order.shipping),
            tax: money(order.tax),
            total: money(order.total),
            refunded: money(order.refunded),
            shipments: order.shipments.into_iter().map(Into::into).collect(),
            placed_at: time(order.placed_at),
        }
    }
}

/// An order by a link
///
/// What was bought, what it cost and where it is, for whoever was given the link by staff; nothing of whose it is.
#[utoipa::path(
    get, path = "/storefront/v1/orders/public/{secret}", tag = "Orders",
    params(("secret" = String, Path, description = "The link's secret.", example = "orderlink_Yk9vX0pKc2VjcmV0")),
    responses((status = 200, body = PublicOrder), (status = 404, description = "`link_not_found`: there is no such link, or it was revoked."))
)]
async fn view_order(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Answer<PublicOrder>, Problem> {
    Ok(Answer::of(peers.order_links().view_order(caller.ask(ViewOrderRequest { secret })).await?))
}

/// An order of one's own
#[utoipa::path(
    get, path = "/storefront/v1/orders/{id}", tag = "Orders",
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses((status = 200, body = Order), (status = 404, description = "`order_not_found`: there is no such order of yours.")),
    security(("publishable_key" = [], "customer_token" = []))
)]
async fn get_order(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<Order>, Problem> {
    let order = peers.orders().get_order(caller.ask(GetOrderRequest { id })).await?;
    Ok(Answer::<Order>::of(order).tagged())
}

/// The receipt of an order of one's own
///
/// As a file; what it says never changes.
#[utoipa::path(
    get, path = "/storefront/v1/orders/{id}/receipt", tag = "Orders",
    params(
        ("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43"),
        Form
    ),
    responses(
        (status = 200, description = "The receipt.", content((Receipt = "application/json"), (String = "text/html", example = "<!doctype html>"), (String = "application/pdf", example = "%PDF-1.7"))),
        (status = 404, description = "`order_not_found`: there is no such order of yours."),
        (status = 409, description = "`receipt_not_issued`: the order is not paid.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
async fn get_receipt(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(order): Path<String>,
    mut params: Params,
) -> Result<Response, Problem> {
    receipts::get(&peers, &caller, (order, String::new()), params.take("format")).await
}
