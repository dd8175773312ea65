//! Links by which others look at an order (OR-2).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::orders::v1::{self as pb, CreateOrderLinkRequest, ListOrderLinksRequest, RevokeOrderLinkRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::params::NoParams,
    router::Gateway,
    shape::{List, text, time},
};

/// The routes about links.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_order_links, create_order_link)).routes(routes!(revoke_order_link))
}

/// A link by which anybody who has it looks at an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "olnk_01939b7e5d3c7a2c9d2f1e0b7c6a5d4d", "order": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43",
    "secret": "orderlink_Yk9vX0pKc2VjcmV0", "url": "https://shop.example.com/order/orderlink_Yk9vX0pKc2VjcmV0",
    "state": "open", "created_by": "staff stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a",
    "created_at": "2026-03-02T12:00:00Z", "revoked_at": null,
}))]
pub struct OrderLink {
    /// `olnk_…`.
    pub id: String,
    /// `ord_…`.
    pub order: String,
    /// What a shop front asks with. Only in the answer that made it.
    pub secret: Option<String>,
    /// A page that shows the order. Only in the answer that made it.
    pub url: Option<String>,
    /// `open` or `revoked`.
    pub state: String,
    /// Who made it: kind and id.
    pub created_by: String,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<pb::OrderLink> for OrderLink {
    fn from(link: pb::OrderLink) -> Self {
        Self {
            id: link.id,
            order: link.order,
            secret: text(link.secret),
            url: text(link.url),
            state: link.state,
            created_by: link.created_by,
            created_at: time(link.created_at),
            revoked_at: time(link.revoked_at),
        }
    }
}

/// Links to an order
///
/// Newest first, at most 100. None of them shows its secret.
#[utoipa::path(
    get, path = "/admin/v1/orders/{id}/links", tag = "Orders",
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses((status = 200, body = List<OrderLink>), (status = 404, description = "`order_not_found`: there is no such order.")),
    extensions(("x-permission" = json!([Permission::OrdersRead.slug()])))
)]
async fn list_order_links(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(order): Path<String>,
) -> Result<Answer<List<OrderLink>>, Problem> {
    let found = peers.order_links().list_order_links(caller.ask(ListOrderLinksRequest { order })).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.links)))
}

/// Make a link to an order
///
/// Anybody who has it sees what was bought, what it cost and where it is, and nothing of whose it is, until it is revoked.
#[utoipa::path(
    post, path = "/admin/v1/orders/{id}/links", tag = "Orders",
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses(
        (status = 201, body = OrderLink),
        (status = 404, description = "`order_not_found`: there is no such order."),
        (status = 412, description = "`stale_version`: the order was changed in the meantime."),
        (status = 422, description = "`too_many_links`: 50 are open; revoke one first.")
    ),
    extensions(("x-permission" = json!([Permission::OrdersWrite.slug()])))
)]
async fn create_order_link(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(order): Path<String>,
) -> Result<Answer<OrderLink>, Problem> {
    let link = peers.order_links().create_order_link(caller.ask(CreateOrderLinkRequest { order })).await?;
    Ok(Answer::<OrderLink>::of(link).status(StatusCode::CREATED))
}

/// Revoke a link to an order
///
/// It leads nowhere from then on.
#[utoipa::path(
    delete, path = "/admin/v1/orders/{id}/links/{link}", tag = "Orders",
    params(
        ("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43"),
        ("link" = String, Path, description = "`olnk_…`", example = "olnk_01939b7e5d3c7a2c9d2f1e0b7c6a5d4d")
    ),
    responses(
        (status = 200, body = OrderLink),
        (status = 404, description = "`order_not_found`, `link_not_found`: there is no such order or link.")
    ),
    extensions(("x-permission" = json!([Permission::OrdersWrite.slug()])))
)]
async fn revoke_order_link(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((order, id)): Path<(String, String)>,
) -> Result<Answer<OrderLink>, Problem> {
    Ok(Answer::of(peers.order_links().revoke_order_link(caller.ask(RevokeOrderLinkRequest { order, id })).await?))
}
