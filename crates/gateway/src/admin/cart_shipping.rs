//! How carts are shipped, as staff choose (CA-4, CA-11).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::carts::v1::{ListCartShippingMethodsRequest, SetShippingMethodRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams, patch::or_nothing},
    router::Gateway,
    shape::{Cart, ShippingChoice, shipping_choices},
};

/// The routes about shipping.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(change_cart)).routes(routes!(list_cart_shipping_methods))
}

/// What is to change of a cart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"shipping_method": "shpm_01939b7e5d3c7a2c9d2f1e0b7c6a5d60"}))]
pub struct CartChange {
    /// How it is to be shipped, `shpm_…`; `null` to choose none.
    #[schema(max_length = 40, pattern = "^(shpm_[0-9a-f]{32})?$")]
    #[serde(default, deserialize_with = "or_nothing")]
    pub shipping_method: Option<String>,
}

/// All ways to ship a cart.
#[derive(Debug, Serialize, ToSchema)]
pub struct CartShippingMethods {
    /// By position; none where nothing is shipped.
    pub data: Vec<ShippingChoice>,
}

/// Ways to ship a cart
///
/// Those that go to where the cart goes, each at what it costs this cart.
#[utoipa::path(
    get, path = "/admin/v1/carts/{id}/shipping-methods", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    responses(
        (status = 200, body = CartShippingMethods),
        (status = 404, description = "`cart_not_found`: there is no such cart.")
    ),
    extensions(("x-permission" = json!([Permission::CartsRead.slug()])))
)]
async fn list_cart_shipping_methods(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(cart): Path<String>,
) -> Result<Answer<CartShippingMethods>, Problem> {
    let found = peers.carts().list_cart_shipping_methods(caller.ask(ListCartShippingMethodsRequest { cart })).await?;
    Ok(Answer::mapped(found, |found| CartShippingMethods { data: shipping_choices(found) }))
}

/// Change a cart
///
/// Chooses how it is shipped. Prices are the server's.
#[utoipa::path(
    patch, path = "/admin/v1/carts/{id}", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    request_body = CartChange,
    responses(
        (status = 200, body = Cart),
        (status = 404, description = "`cart_not_found`, `shipping_method_not_found`: there is no such cart or way to ship."),
        (status = 409, description = "`cart_closed`, `cart_expired`: this cart does not change any more."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`shipping_method_elsewhere`: it does not go to that country. | `cart_empty`: there is nothing in the cart. | `nothing_to_change`: say what is to change.")
    ),
    extensions(("x-permission" = json!([Permission::CartsWrite.slug()])))
)]
async fn change_cart(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(cart): Path<String>,
    Body(CartChange { shipping_method }): Body<CartChange>,
) -> Result<Answer<Cart>, Problem> {
    let Some(method) = shipping_method else {
        let detail = "Say what is to change.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing_to_change", detail));
    };
    let wanted = SetShippingMethodRequest { cart, method };
    Ok(Answer::<Cart>::of(peers.carts().set_shipping_method(caller.ask(wanted)).await?).tagged())
}
