//! Receipts of an order, from its page (OR-6).
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono_tz::Tz;
use front::sheet::sheet;
use proto::orders::v1::{GetReceiptRequest, ListReceiptsRequest, ListReceiptsResponse, Receipt, ReceiptFile};
use tonic::{Request, Status};

use crate::{
    console::Console,
    problem::Problem,
    show::{Moment, label, price},
    visit::SignedIn,
};

/// A receipt as pages list it.
pub struct Row {
    /// `rcp_…`.
    pub id: String,
    /// "Receipt", "Credit note" or "Credit note cancellation".
    pub kind: String,
    /// Its number.
    pub number: String,
    /// When the money moved.
    pub at: Option<Moment>,
    /// How much.
    pub total: String,
}

impl Row {
    /// With times of `zone`.
    pub fn new(receipt: Receipt, zone: Tz) -> Self {
        Self {
            kind: label::words(&receipt.kind),
            at: Moment::new(receipt.issued_at.as_ref(), zone),
            total: price(receipt.total.as_ref()),
            number: receipt.number,
            id: receipt.id,
        }
    }
}

/// What was issued for an order, asked for by `request`; nothing when it cannot be had just now.
pub async fn all(console: &Console, request: Request<ListReceiptsRequest>, zone: Tz) -> Vec<Row> {
    let found: Result<ListReceiptsResponse, Status> =
        console.receipts.clone().list_receipts(request).await.map(tonic::Response::into_inner);
    match found {
        Ok(found) => found.receipts.into_iter().map(|receipt| Row::new(receipt, zone)).collect(),
        Err(error) => {
            tracing::warn!(error.detail = %error.message(), "the receipts of an order cannot be had");
            Vec::new()
        }
    }
}

/// What is asked for by the address `…/receipts/{receipt}/{format}` below an order.
pub fn wanted((order, id, format): (String, String, String)) -> Result<GetReceiptRequest, Problem> {
    if ["html", "pdf"].contains(&&*format) {
        Ok(GetReceiptRequest { order, id, format })
    } else {
        Err(Problem::no_page())
    }
}

/// `file` as an answer.
pub fn answer(file: ReceiptFile) -> Response {
    sheet(&file.name, &file.media_type, file.content)
}

/// `GET /console/orders/{id}/receipts/{receipt}/{format}`.
pub async fn receipt(
    State(console): State<Console>,
    desk: SignedIn,
    Path(path): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let file = console.receipts.clone().get_receipt(desk.ask(wanted(path)?)).await?.into_inner();
    Ok(answer(file))
}
