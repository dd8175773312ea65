//! The digital products that a customer has (OR-8, OR-9).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use proto::orders::v1::{ListLibraryRequest, MakeDownloadRequest};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    shape::{MadeDownload, OwnLibraryItem},
};

/// A link to make for oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({}))]
pub struct NewShopDownload {
    /// `pfl_…`; may be left out where there is one file only.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub file: Option<String>,
}

/// One's own library
///
/// All of it, what came last first.
#[utoipa::path(
    get, path = "/storefront/v1/customers/library", tag = "Customers", operation_id = "list_library",
    responses((status = 200, body = Vec<OwnLibraryItem>)),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn list(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Vec<OwnLibraryItem>>, Problem> {
    let found = peers.libraries().list_library(caller.ask(ListLibraryRequest::default())).await?;
    Ok(Answer::mapped(found, |found| found.items.into_iter().map(Into::into).collect()))
}

/// Make a link to a file
///
/// It is good for a day and five downloads. Whoever comes by a check-out link only signs in first.
#[utoipa::path(
    post, path = "/storefront/v1/customers/library/{id}/downloads", tag = "Customers", operation_id = "make_download",
    params(("id" = String, Path, description = "`lib_…`", example = "lib_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    request_body = NewShopDownload,
    responses(
        (status = 201, body = MadeDownload),
        (status = 404, description = "`library_item_not_found`: you do not have it. | `file_not_found`: it has no such file."),
        (status = 429, description = "`too_many_downloads`: many links were made already.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn download(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(item): Path<String>,
    Body(NewShopDownload { file }): Body<NewShopDownload>,
) -> Result<Answer<MadeDownload>, Problem> {
    let wanted = MakeDownloadRequest { item, file: file.unwrap_or_default(), ..MakeDownloadRequest::default() };
    let made = peers.downloads().make_download(caller.ask(wanted)).await?;
    Ok(Answer::<MadeDownload>::of(made).status(StatusCode::CREATED))
}
