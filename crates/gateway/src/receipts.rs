//! Receipts as every audience has them: listed, and as a page or a PDF (OR-6).
use axum::response::{IntoResponse, Response};
use front::sheet::sheet;
use kit::failure::Violation;
use proto::orders::v1::{GetReceiptRequest, ListReceiptsRequest};
use utoipa::IntoParams;

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::params::Params,
    shape::{List, Receipt},
};

/// In which form.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
pub struct Form {
    /// `pdf`, the usual one, `html` or `json`.
    #[param(example = "pdf", pattern = "^(pdf|html|json)$")]
    format: Option<String>,
}

/// All receipts of `order`.
pub async fn list(peers: &Peers, caller: &Caller, order: String) -> Result<Answer<List<Receipt>>, Problem> {
    let found = peers.receipts().list_receipts(caller.ask(ListReceiptsRequest { order })).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.receipts)))
}

/// The form that `params` name, and nothing else.
pub fn form(mut params: Params) -> Result<Option<String>, Problem> {
    let form = params.take("format");
    params.finish().map(|()| form)
}

/// One receipt in a form: that of `order`, or the one called `id`.
pub async fn get(
    peers: &Peers,
    caller: &Caller,
    (order, id): (String, String),
    form: Option<String>,
) -> Result<Response, Problem> {
    let format = form.unwrap_or_else(|| "pdf".to_owned());
    let is_data = format == "json";
    if !is_data && !["html", "pdf"].contains(&&*format) {
        return Err(Violation::new("/format", "unknown_value", "pdf, html or json").into());
    }
    let format = if is_data { String::new() } else { format };
    let found = peers.receipts().get_receipt(caller.ask(GetReceiptRequest { order, id, format })).await?.into_inner();
    if is_data {
        return Ok(Answer::new(Receipt::from(found.receipt.unwrap_or_default())).into_response());
    }
    Ok(sheet(&found.name, &found.media_type, found.content))
}
