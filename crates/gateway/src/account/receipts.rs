//! Receipts of a shopper's orders, in every store (OR-6, PO-1).
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    receipts::{self, Form},
    request::params::{NoParams, Params},
    router::Gateway,
    shape::{List, Receipt},
};

/// The routes about receipts.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_receipts))
        .routes(routes!(get_receipt))
        .routes(routes!(get_one_of_receipts))
}

/// Receipts of an order of one's own
///
/// The receipt, which is there as soon as all is paid, and a credit note for everything that went back since.
#[utoipa::path(
    get, path = "/account/v1/orders/{id}/receipts", tag = "Orders", operation_id = "list_receipts",
    params(("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43")),
    responses((status = 200, body = List<Receipt>), (status = 404, description = "`order_not_found`: there is no such order of yours."))
)]
async fn list_receipts(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(order): Path<String>,
) -> Result<Answer<List<Receipt>>, Problem> {
    receipts::list(&peers, &caller, order).await
}

/// The receipt of an order of one's own
///
/// As a file; what it says never changes, but that an erasure leaves nobody's name in it.
#[utoipa::path(
    get, path = "/account/v1/orders/{id}/receipt", tag = "Orders", operation_id = "get_receipt",
    params(
        ("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43"),
        Form
    ),
    responses(
        (status = 200, description = "The receipt.", content((Receipt = "application/json"), (String = "text/html", example = "<!doctype html>"), (String = "application/pdf", example = "%PDF-1.7"))),
        (status = 404, description = "`order_not_found`: there is no such order of yours."),
        (status = 409, description = "`receipt_not_issued`: the order is not paid.")
    )
)]
async fn get_receipt(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(order): Path<String>,
    params: Params,
) -> Result<Response, Problem> {
    receipts::get(&peers, &caller, (order, String::new()), receipts::form(params)?).await
}

/// One of the receipts of an order of one's own
///
/// The receipt or a credit note, as a file.
#[utoipa::path(
    get, path = "/account/v1/orders/{id}/receipts/{receipt}", tag = "Orders", operation_id = "get_one_of_receipts",
    params(
        ("id" = String, Path, description = "`ord_…`", example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43"),
        ("receipt" = String, Path, description = "`rcp_…`", example = "rcp_01939b7e5d3c7a2c9d2f1e0b7c6a5d80"),
        Form
    ),
    responses(
        (status = 200, description = "The receipt.", content((Receipt = "application/json"), (String = "text/html", example = "<!doctype html>"), (String = "application/pdf", example = "%PDF-1.7"))),
        (status = 404, description = "`order_not_found`, `receipt_not_found`: there is no such order of yours, or receipt of it.")
    )
)]
async fn get_one_of_receipts(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path((order, id)): Path<(String, String)>,
    params: Params,
) -> Result<Response, Problem> {
    receipts::get(&peers, &caller, (order, id), receipts::form(params)?).await
}
