//! Who and what brought a cart about, as staff see and say it (CA-8).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::carts::v1::{GetCartRequest, SetAttributionRequest};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{AttributionChange, CartAttribution},
};

/// The routes about attribution.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(get_cart_attribution, set_cart_attribution))
}

/// What brought a cart about
///
/// Agent, affiliate, funnel and campaign go with the cart into its order, its subscriptions and their renewals.
#[utoipa::path(
    get, path = "/admin/v1/carts/{id}/attribution", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    responses(
        (status = 200, body = CartAttribution),
        (status = 404, description = "`cart_not_found`: there is no such cart.")
    ),
    extensions(("x-permission" = json!([Permission::CartsRead.slug()])))
)]
async fn get_cart_attribution(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<CartAttribution>, Problem> {
    let wanted = GetCartRequest { id, destinations: None };
    Ok(Answer::<CartAttribution>::of(peers.carts().get_cart(caller.ask(wanted)).await?).tagged())
}

/// Say what brought a cart about
///
/// The newest replaces what was known, unless `merge` says that the rest stays. Whoever of the staff works on a cart first
/// is its agent, and stays it: another agent named here counts only where there is none. The answer says who it is.
#[utoipa::path(
    put, path = "/admin/v1/carts/{id}/attribution", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    request_body = AttributionChange,
    responses(
        (status = 200, body = CartAttribution),
        (status = 400, description = "`invalid`: a field cannot be so, or nobody of that id works for the store."),
        (status = 404, description = "`cart_not_found`: there is no such cart."),
        (status = 409, description = "`cart_closed`, `cart_expired`: this cart does not change any more."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CartsWrite.slug()])))
)]
async fn set_cart_attribution(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(cart): Path<String>,
    Body(change): Body<AttributionChange>,
) -> Result<Answer<CartAttribution>, Problem> {
    let (attribution, merge) = change.read();
    let wanted = SetAttributionRequest { cart, attribution: Some(attribution), merge };
    Ok(Answer::<CartAttribution>::of(peers.carts().set_attribution(caller.ask(wanted)).await?).tagged())
}
