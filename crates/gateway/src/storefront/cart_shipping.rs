//! How carts are shipped (CA-11).
use std::sync::Arc;

use axum::extract::{Path, State};
use proto::carts::v1::{ListCartShippingMethodsRequest, SetShippingMethodRequest};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use crate::{
    answer::{Answer, only_by},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::body::Body,
    router::Gateway,
    shape::{Cart, ShippingChoice, shipping_choices},
};

/// The routes about shipping.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_cart_shipping_methods).map(|routes| routes.head(async || only_by("GET"))))
        .routes(routes!(choose_shipping_method))
}

/// How a cart is to be shipped.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"id": "shpm_01939b7e5d3c7a2c9d2f1e0b7c6a5d60"}))]
pub struct ChosenShipping {
    /// `shpm_…`; `null` to choose none.
    #[serde(default)]
    #[schema(pattern = "^(shpm_[0-9a-f]{32})?$")]
    pub id: Option<String>,
}

/// Ways to ship a cart
///
/// Those that go to where the cart goes: its shipping address, else its billing address, else the store's country. None for
/// digital products alone.
#[utoipa::path(
    get, path = "/storefront/v1/carts/{id}/shipping-methods", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    responses(
        (status = 200, body = [ShippingChoice]),
        (status = 404, description = "`cart_not_found`: there is no such cart.")
    )
)]
async fn list_cart_shipping_methods(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(cart): Path<String>,
) -> Result<Answer<Vec<ShippingChoice>>, Problem> {
    let found = peers.carts().list_cart_shipping_methods(caller.ask(ListCartShippingMethodsRequest { cart })).await?;
    Ok(Answer::mapped(found, shipping_choices))
}

/// Choose how a cart is shipped
///
/// A cart with something to ship is checked out when that is known, unless its store has no ways to ship.
#[utoipa::path(
    put, path = "/storefront/v1/carts/{id}/shipping-method", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    request_body = ChosenShipping,
    responses(
        (status = 200, body = Cart),
        (status = 403, description = "`other_customer`: the cart belongs to a customer who is signed in elsewhere."),
        (status = 404, description = "`cart_not_found`: there is no such cart. | `shipping_method_not_found`: there is no such way to ship."),
        (status = 409, description = "`cart_closed`: the cart became an order. | `cart_expired`: the cart has expired."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`shipping_method_elsewhere`: it does not go to that country. | `cart_empty`: there is nothing in the cart.")
    )
)]
async fn choose_shipping_method(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(cart): Path<String>,
    Body(chosen): Body<ChosenShipping>,
) -> Result<Answer<Cart>, Problem> {
    let wanted = SetShippingMethodRequest { cart, method: chosen.id.unwrap_or_default() };
    Ok(Answer::<Cart>::of(peers.carts().set_shipping_method(caller.ask(wanted)).await?).tagged())
}
