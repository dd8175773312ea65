//! Orders of the customer who is signed in.
use std::sync::Arc;

use axum::extract::{Path, State};
use proto::orders::v1::GetOrderRequest;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{answer::Answer, caller::Caller, peers::Peers, problem::Problem, router::Gateway, shape::Order};

/// The routes about orders.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(get_order))
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
