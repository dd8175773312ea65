//! Codes of vouchers in carts (CA-5).
use std::sync::Arc;

use axum::extract::{Path, State};
use proto::carts::v1::{AddCodeRequest, RemoveCodeRequest};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::Params},
    router::Gateway,
    shape::Cart,
};

/// The routes about codes.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(enter_code, withdraw_codes))
}

/// A code to enter.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"code": "SPRING-10"}))]
pub struct GivenCode {
    /// The code of a voucher, whatever its case.
    #[schema(max_length = 100)]
    pub code: String,
}

/// Enter a code
///
/// The cart says what it takes off, or why it does not yet. A cart takes up to five.
#[utoipa::path(
    post, path = "/storefront/v1/carts/{id}/codes", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    request_body = GivenCode,
    responses(
        (status = 200, body = Cart),
        (status = 404, description = "`cart_not_found`: there is no such cart."),
        (status = 409, description = "`cart_closed`: the cart became an order. | `cart_expired`: the cart has expired."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`code_unknown`: there is no voucher with this code. | `code_expired`: this voucher has expired. | `too_many_codes`: a cart takes at most 5 codes.")
    )
)]
async fn enter_code(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(cart): Path<String>,
    Body(GivenCode { code }): Body<GivenCode>,
) -> Result<Answer<Cart>, Problem> {
    let wanted = AddCodeRequest { cart, code };
    Ok(Answer::<Cart>::of(peers.carts().add_code(caller.ask(wanted)).await?).tagged())
}

/// Take codes out
///
/// The one named by `code`, or all.
#[utoipa::path(
    delete, path = "/storefront/v1/carts/{id}/codes", tag = "Carts",
    params(
        ("id" = String, Path, description = "`cart_…` or the client's own key", pattern = "^[ -~]{1,100}$", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"),
        ("code" = Option<String>, Query, description = "the code; all without it", pattern = "^[A-Za-z0-9_-]{0,40}$", example = "SPRING-10")
    ),
    responses(
        (status = 200, body = Cart),
        (status = 403, description = "`other_customer`: the cart belongs to a customer who is signed in elsewhere."),
        (status = 404, description = "`cart_not_found`: there is no such cart."),
        (status = 409, description = "`cart_closed`: the cart became an order. | `cart_expired`: the cart has expired."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`code_unknown`: the cart has no such code.")
    )
)]
async fn withdraw_codes(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(cart): Path<String>,
    mut params: Params,
) -> Result<Answer<Cart>, Problem> {
    let wanted = RemoveCodeRequest { cart, code: params.text("code") };
    Ok(Answer::<Cart>::of(peers.carts().remove_code(caller.ask(wanted)).await?).tagged())
}
