//! Codes of vouchers that staff enter into carts (CA-4, CA-5).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::carts::v1::{AddCodeRequest, RemoveCodeRequest};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::Cart,
};

/// The routes about codes.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(enter_cart_code, withdraw_cart_codes))
}

/// A code to enter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "SPRING-10"}))]
pub struct NewCartCode {
    /// The code of a voucher, whatever its case.
    #[schema(max_length = 100)]
    pub code: String,
}

/// Enter a code into a cart
///
/// The cart says what it takes off, or why it does not yet. A cart takes up to five.
#[utoipa::path(
    post, path = "/admin/v1/carts/{id}/codes", tag = "Carts",
    params(("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42")),
    request_body = NewCartCode,
    responses(
        (status = 200, body = Cart),
        (status = 404, description = "`cart_not_found`: there is no such cart."),
        (status = 409, description = "`cart_closed`, `cart_expired`: this cart does not change any more."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`code_unknown`, `code_expired`, `too_many_codes`: the code takes nothing off.")
    ),
    extensions(("x-permission" = json!([Permission::CartsWrite.slug()])))
)]
async fn enter_cart_code(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(cart): Path<String>,
    Body(NewCartCode { code }): Body<NewCartCode>,
) -> Result<Answer<Cart>, Problem> {
    let wanted = AddCodeRequest { cart, code };
    Ok(Answer::<Cart>::of(peers.carts().add_code(caller.ask(wanted)).await?).tagged())
}

/// Take codes out of a cart
///
/// The one named by `code`, or all.
#[utoipa::path(
    delete, path = "/admin/v1/carts/{id}/codes", tag = "Carts",
    params(
        ("id" = String, Path, description = "`cart_…`", example = "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"),
        ("code" = Option<String>, Query, description = "the code; all without it", pattern = "^[A-Za-z0-9_-]{0,40}$")
    ),
    responses(
        (status = 200, body = Cart),
        (status = 404, description = "`cart_not_found`: there is no such cart."),
        (status = 409, description = "`cart_closed`, `cart_expired`: this cart does not change any more."),
        (status = 412, description = "`stale_version`: the cart was changed in the meantime."),
        (status = 422, description = "`code_unknown`: the cart has no such code.")
    ),
    extensions(("x-permission" = json!([Permission::CartsWrite.slug()])))
)]
async fn withdraw_cart_codes(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(cart): Path<String>,
    mut params: Params,
) -> Result<Answer<Cart>, Problem> {
    let code = params.text("code");
    params.finish()?;
    let wanted = RemoveCodeRequest { cart, code };
    Ok(Answer::<Cart>::of(peers.carts().remove_code(caller.ask(wanted)).await?).tagged())
}
