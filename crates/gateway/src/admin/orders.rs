//! Orders.
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::orders::v1::{GetOrderRequest, ListOrdersRequest};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{Filters, OrderSearch, Pages, Totals};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, Order},
};

/// The routes about orders.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_orders)).routes(routes!(get_order))
}

/// What orders can be asked for.
pub const OFFER: Offer = &[Extra::Search, Extra::Filters, Extra::Total];

/// Orders, of one customer when one is named.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    customer: String,
    wanted: Wanted,
) -> Result<Answer<List<Order>>, Problem> {
    let Wanted { search: query, filter, page, .. } = wanted;
    let wanted = ListOrdersRequest { customer, query, filter, page: Some(page) };
    let found = peers.orders().list_orders(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.orders, found.page)))
}

/// Orders
///
/// Newest first. `q` is an order number or its beginning; filters: `status`, `payment_status`,
/// `fulfilment_status`, `placed_at`, `total`, `number`.
#[utoipa::path(
    get, path = "/admin/v1/orders", tag = "Orders", params(Pages, Totals, OrderSearch, Filters),
    responses((status = 200, body = List<Order>)),
    extensions(("x-permission" = json!([Permission::OrdersRead.slug()])))
)]
async fn list_orders(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Order>>, Problem> {
    list(&peers, &caller, String::new(), Wanted::read(params, OFFER)?).await
}

/// An order
#[utoipa::path(
    get, path = "/admin/v1/orders/{id}", tag = "Orders",
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses((status = 200, body = Order), (status = 404, description = "`order_not_found`: there is no such order.")),
    extensions(("x-permission" = json!([Permission::OrdersRead.slug()])))
)]
async fn get_order(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Order>, Problem> {
    let order = peers.orders().get_order(caller.ask(GetOrderRequest { id })).await?;
    Ok(Answer::<Order>::of(order).tagged())
}
