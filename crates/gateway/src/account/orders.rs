//! A shopper's orders, in every store (OR-2, PO-1).
use std::sync::Arc;

use axum::extract::{Path, State};
use proto::orders::v1::{GetOrderRequest, ListOrdersRequest};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    admin::Pages,
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        list::Wanted,
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, Order},
};

/// The routes about a shopper's orders.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

/// One's own orders
///
/// In every store, the newest first.
#[utoipa::path(
    get, path = "/account/v1/orders", tag = "Orders", operation_id = "list_orders", params(Pages),
    responses((status = 200, body = List<Order>))
)]
pub async fn list(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Order>>, Problem> {
    let page = Some(Wanted::read(params, &[])?.page);
    let wanted = ListOrdersRequest { page, ..ListOrdersRequest::default() };
    let found = peers.orders().list_orders(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.orders, found.page)))
}

/// An order of one's own
#[utoipa::path(
    get, path = "/account/v1/orders/{id}", tag = "Orders", operation_id = "get_order",
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses((status = 200, body = Order), (status = 404, description = "`order_not_found`: there is no such order of yours."))
)]
pub async fn get(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Order>, Problem> {
    let order = peers.orders().get_order(caller.ask(GetOrderRequest { id })).await?;
    Ok(Answer::<Order>::of(order).tagged())
}
