//! Carts, for remarketing and service (CA-3).
use std::sync::Arc;

use axum::extract::State;
use kit::permission::Permission;
use proto::carts::v1::ListCartsRequest;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{CartSorts, Filters, Pages, Totals};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        list::{Extra, Offer, Wanted},
        params::Params,
    },
    router::Gateway,
    shape::{Cart, List},
};

/// The routes about carts.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_carts))
}

/// What carts can be asked for.
pub const OFFER: Offer = &[Extra::Filters, Extra::Sorts, Extra::Total];

/// Carts of `customer`, of anybody when that is empty.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    customer: String,
    wanted: Wanted,
) -> Result<Answer<List<Cart>>, Problem> {
    let Wanted { filter, sort, page, .. } = wanted;
    let wanted = ListCartsRequest { customer, filter, sort, page: Some(page), status: String::new() };
    let found = peers.carts().list_carts(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.carts, found.page)))
}

/// Carts
///
/// For remarketing: newest first, or as `sort` says. An open cart with something in it that nobody has touched for half an
/// hour is abandoned.
#[utoipa::path(
    get, path = "/admin/v1/carts", tag = "Carts", params(Pages, Totals, CartSorts, Filters),
    responses((status = 200, body = List<Cart>)),
    extensions(("x-permission" = json!([Permission::CartsRead.slug()])))
)]
async fn list_carts(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Cart>>, Problem> {
    list(&peers, &caller, String::new(), Wanted::read(params, OFFER)?).await
}
