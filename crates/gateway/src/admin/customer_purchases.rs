//! What a customer bought, product by product (CU-7).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::orders::v1::ListPurchasesRequest;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{Pages, Totals};
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
    shape::{List, Purchase},
};

/// The route about purchases.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_customer_purchases))
}

const OFFER: Offer = &[Extra::Total];

/// The products that `customer` bought last.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    customer: String,
    wanted: Wanted,
) -> Result<Answer<List<Purchase>>, Problem> {
    let request = ListPurchasesRequest { customer, page: Some(wanted.page) };
    let found = peers.purchases().list_purchases(caller.ask(request)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.purchases, found.page)))
}

/// What a customer bought
///
/// Each product once, last bought first, with how many were bought in how many orders and how many of them went back. Of
/// orders that were cancelled nothing counts.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/products", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"), Pages, Totals
    ),
    responses((status = 200, body = List<Purchase>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug(), Permission::OrdersRead.slug()])))
)]
async fn list_customer_purchases(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<Purchase>>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    let known = super::profile::customer(&peers, &caller, id.clone());
    let (_, found) = tokio::try_join!(known, list(&peers, &caller, id, wanted))?;
    Ok(found)
}
