//! Links to check out a cart by (CA-6).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::carts::v1::{self as pb, CreateCheckoutLinkRequest, ListCheckoutLinksRequest, RevokeCheckoutLinkRequest};
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

/// The routes about links.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_checkout_links, create_checkout_link))
        .routes(routes!(revoke_checkout_link))
}

/// A link to check out a cart by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "clnk_01939b7e5d3c7a2c9d2f1e0b7c6a5d49", "cart": "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42",
    "url": "https://shop.example.com/checkout/cartlink_Yk9vX0pKc2VjcmV0", "state": "open", "sent_by": "email",
    "created_by": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "created_at": "2026-03-02T12:00:00Z",
    "expires_at": "2026-03-09T12:00:00Z", "revoked_at": null,
}))]
pub struct CheckoutLink {
    /// `clnk_…`.
    pub id: String,
    /// `cart_…`.
    pub cart: String,
    /// Its address: whoever has it is signed in as the customer to check out. Only in the answer that made it, to those
    /// with customers.pii.
    pub url: Option<String>,
    /// `open`, `used`, `revoked`, `expired`, or `void` when its cart is another customer's now.
    pub state: String,
    /// `email` or `sms`, when it was sent.
    pub sent_by: Option<String>,
    /// Who made it, `stf_…` or `akey_…`.
    pub created_by: String,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<pb::CheckoutLink> for CheckoutLink {
    fn from(link: pb::CheckoutLink) -> Self {
        Self {
            id: link.id,
            cart: link.cart,
            url: text(link.url),
            state: link.state,
            sent_by: text(link.sent_by),
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
#[schema(example = json!({"send": true, "channel": "email"}))]
pub struct NewCheckoutLink {
    /// Whether it is sent to the customer.
    #[serde(default)]
    pub send: bool,
    /// `email`, the usual one, or `sms`.
    #[schema(pattern = "^(email|sms)?$")]
    pub channel: Option<String>,
    /// Seconds that it lasts: five minutes to thirty days, usually seven days.
    #[schema(minimum = 300, maximum = 2_592_000)]
    pub expires_in: Option<u32>,
}

/// Links of a cart
///
/// Newest first, at most 100. None of them shows its address.
#[utoipa::path(
    get, path = "/admin/v1/carts/{id}/checkout-links", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    responses((status = 200, body = List<CheckoutLink>), (status = 404, description = "`cart_not_found`: there is no such cart.")),
    extensions(("x-permission" = json!([Permission::CartsRead.slug()])))
)]
async fn list_checkout_links(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(cart): Path<String>,
) -> Result<Answer<List<CheckoutLink>>, Problem> {
    let found = peers.checkout_links().list_checkout_links(caller.ask(ListCheckoutLinksRequest { cart })).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.links)))
}

/// Make a link to check out a cart by
///
/// It signs the customer in, on any device, with the cart as it is and their details filled in. It ends with the order.
#[utoipa::path(
    post, path = "/admin/v1/carts/{id}/checkout-links", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    request_body = NewCheckoutLink,
    responses(
        (status = 201, body = CheckoutLink),
        (status = 404, description = "`cart_not_found`: there is no such cart."),
        (status = 409, description = "`cart_closed`, `cart_expired`: there is nothing to check out any more."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`cart_empty`, `customer_needed`, `customer_inactive`, `unreachable`: no link can be made for this cart.")
    ),
    extensions(("x-permission" = json!([Permission::CartsWrite.slug()])))
)]
async fn create_checkout_link(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(cart): Path<String>,
    Body(NewCheckoutLink { send, channel, expires_in }): Body<NewCheckoutLink>,
) -> Result<Answer<CheckoutLink>, Problem> {
    let (channel, expires_in) = (channel.unwrap_or_default(), expires_in.unwrap_or_default());
    let wanted = CreateCheckoutLinkRequest { cart, send, channel, expires_in };
    let link = peers.checkout_links().create_checkout_link(caller.ask(wanted)).await?;
    Ok(Answer::<CheckoutLink>::of(link).status(StatusCode::CREATED))
}

/// Revoke a link
///
/// It leads nowhere from then on, and whoever came by a link of this customer is signed out.
#[utoipa::path(
    delete, path = "/admin/v1/carts/{id}/checkout-links/{link}", tag = "Carts",
    params(
        ("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"),
        ("link" = String, Path, description = "`clnk_…`", example = "clnk_01939b7e5d3c7a2c9d2f1e0b7c6a5d49")
    ),
    responses(
        (status = 200, body = CheckoutLink),
        (status = 404, description = "`cart_not_found`, `link_not_found`: there is no such cart or link.")
    ),
    extensions(("x-permission" = json!([Permission::CartsWrite.slug()])))
)]
async fn revoke_checkout_link(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((cart, id)): Path<(String, String)>,
) -> Result<Answer<CheckoutLink>, Problem> {
    let wanted = RevokeCheckoutLinkRequest { cart, id };
    Ok(Answer::of(peers.checkout_links().revoke_checkout_link(caller.ask(wanted)).await?))
}
