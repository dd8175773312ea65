//! Carts, for remarketing and service (CA-3).
use std::sync::Arc;

use axum::extract::State;
use kit::permission::Permission;
use proto::carts::v1::ListCartsRequest;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{Filters, Pages, Totals};
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
pub const OFFER: Offer = &[Extra::Filters, Extra::Total];

/// Carts of `customer`, all when empty, with a `status`, any when empty.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    [customer, status]: [String; 2],
    wanted: Wanted,
) -> Result<Answer<List<Cart>>, Problem> {
    let wanted = ListCartsRequest { customer, status, page: Some(wanted.page) };
    let found = peers.carts().list_carts(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.carts, found.page)))
}

/// Carts
///
/// Newest first. Filters: `customer` and `status`, by `eq`.
#[utoipa::path(
    get, path = "/admin/v1/carts", tag = "Carts", params(Pages, Totals, Filters),
    responses((status = 200, body = List<Cart>)),
    extensions(("x-permission" = json!([Permission::CartsRead.slug()])))
)]
async fn list_carts(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Cart>>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    list(&peers, &caller, wanted.only(["customer", "status"])?, wanted).await
}
