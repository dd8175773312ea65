//! Links by which invoices are paid (OR-2).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::orders::v1::{self as pb, CreatePaymentLinkRequest, ListPaymentLinksRequest, RevokePaymentLinkRequest};
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
    shape::{List, text, time},
};

/// The routes about links by which invoices are paid.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_payment_links, create_payment_link)).routes(routes!(revoke_payment_link))
}

/// A link by which anybody who has it pays what is due of an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "plnk_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e", "order": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43",
    "url": "https://shop.example.com/pay/link/paylink_Yk9vX0pKc2VjcmV0", "state": "open", "sent": true,
    "created_by": "staff stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "created_at": "2026-03-02T12:00:00Z",
    "expires_at": "2026-03-16T12:00:00Z", "revoked_at": null,
}))]
pub struct PaymentLink {
    /// `plnk_…`.
    pub id: String,
    /// `ord_…`.
    pub order: String,
    /// The page. Only in the answer that made it.
    pub url: Option<String>,
    /// `open`, `paid`, `expired` or `revoked`.
    pub state: String,
    /// Whether it was mailed to whoever the order is for.
    pub sent: bool,
    /// Who made it: kind and id.
    pub created_by: String,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<pb::PaymentLink> for PaymentLink {
    fn from(link: pb::PaymentLink) -> Self {
        Self {
            id: link.id,
            order: link.order,
            url: text(link.url),
            state: link.state,
            sent: link.sent,
            created_by: link.created_by,
            created_at: time(link.created_at),
            expires_at: time(link.expires_at),
            revoked_at: time(link.revoked_at),
        }
    }
}

/// A link to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"send": true, "expires_in": 1_209_600}))]
pub struct NewPaymentLink {
    /// Whether it is mailed to whoever the order is for.
    #[serde(default)]
    pub send: bool,
    /// Seconds that it lasts, at most 90 days; 14 days without.
    #[serde(default)]
    #[schema(minimum = 300, maximum = 7_776_000)]
    pub expires_in: Option<u32>,
}

/// Payment links of an order
///
/// Newest first, at most 100. None of them shows its address.
#[utoipa::path(
    get, path = "/admin/v1/orders/{id}/payment-links", tag = "Orders",
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses((status = 200, body = List<PaymentLink>), (status = 404, description = "`order_not_found`: there is no such order.")),
    extensions(("x-permission" = json!([Permission::OrdersRead.slug()])))
)]
async fn list_payment_links(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(order): Path<String>,
) -> Result<Answer<List<PaymentLink>>, Problem> {
    let found = peers.payment_links().list_payment_links(caller.ask(ListPaymentLinksRequest { order })).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.links)))
}

/// Make a payment link for an order
///
/// For an order on invoice of which something is due: whoever has the link sees what was bought and what is due, nothing of
/// whose it is, and pays by any gateway of the store. However often it is clicked, and whatever else happens, the money
/// comes in once.
#[utoipa::path(
    post, path = "/admin/v1/orders/{id}/payment-links", tag = "Orders", request_body = NewPaymentLink,
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses(
        (status = 201, body = PaymentLink),
        (status = 404, description = "`order_not_found`: there is no such order."),
        (status = 409, description = "`already_paid`: nothing is due. | `order_not_open`: it was called off."),
        (status = 412, description = "`stale_version`: the order was changed in the meantime."),
        (status = 422, description = "`too_many_links`: 50 are open; revoke one first. | `contact_missing`: the order has no address to mail it to.")
    ),
    extensions(("x-permission" = json!([Permission::OrdersWrite.slug()])))
)]
async fn create_payment_link(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(order): Path<String>,
    Body(NewPaymentLink { send, expires_in }): Body<NewPaymentLink>,
) -> Result<Answer<PaymentLink>, Problem> {
    // 0 would be no word about it.
    let expires_in = match expires_in {
        Some(0) => 1,
        other => other.unwrap_or_default(),
    };
    let wanted = CreatePaymentLinkRequest { order, send, expires_in };
    let link = peers.payment_links().create_payment_link(caller.ask(wanted)).await?;
    Ok(Answer::<PaymentLink>::of(link).status(StatusCode::CREATED))
}

/// Revoke a payment link of an order
///
/// It leads nowhere from then on.
#[utoipa::path(
    delete, path = "/admin/v1/orders/{id}/payment-links/{link}", tag = "Orders",
    params(
        ("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43"),
        ("link" = String, Path, description = "`plnk_…`", example = "plnk_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")
    ),
    responses(
        (status = 200, body = PaymentLink),
        (status = 404, description = "`order_not_found`, `link_not_found`: there is no such order or link.")
    ),
    extensions(("x-permission" = json!([Permission::OrdersWrite.slug()])))
)]
async fn revoke_payment_link(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((order, id)): Path<(String, String)>,
) -> Result<Answer<PaymentLink>, Problem> {
    let revoked = peers.payment_links().revoke_payment_link(caller.ask(RevokePaymentLinkRequest { order, id })).await?;
    Ok(Answer::of(revoked))
}
