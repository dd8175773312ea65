//! What brought a cart about, as shop fronts say (CA-8).
use std::sync::Arc;

use axum::extract::{Path, State};
use proto::carts::v1::SetAttributionRequest;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::body::Body,
    router::Gateway,
    shape::{Cart, GivenAttribution},
};

/// The routes about attribution.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(set_attribution))
}

/// Say what brought a cart about
///
/// Affiliate, funnel, campaign and so on, for the store's own reports: staff see them, shoppers do not. The newest replaces
/// what was known, unless `merge` says that the rest stays.
#[utoipa::path(
    put, path = "/storefront/v1/carts/{id}/attribution", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    request_body = GivenAttribution,
    responses(
        (status = 200, body = Cart),
        (status = 403, description = "`other_customer`: the cart belongs to a customer who is signed in elsewhere."),
        (status = 404, description = "`cart_not_found`: there is no such cart."),
        (status = 409, description = "`cart_closed`: the cart became an order. | `cart_expired`: the cart has expired."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime.")
    )
)]
async fn set_attribution(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(cart): Path<String>,
    Body(given): Body<GivenAttribution>,
) -> Result<Answer<Cart>, Problem> {
    let (attribution, merge) = given.read();
    let wanted = SetAttributionRequest { cart, attribution: Some(attribution), merge };
    Ok(Answer::<Cart>::of(peers.carts().set_attribution(caller.ask(wanted)).await?).tagged())
}
