//! The digital products that a shopper has, in every store (OR-8, OR-9, PO-1).
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
    shape::{List, MadeDownload, OwnLibraryItem},
};

/// A link to make for oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct NewOwnDownload {
    /// `pfl_…`; may be left out where there is one file only.
    #[serde(default)]
    #[schema(max_length = 40, pattern = "^(pfl_[0-9a-f]{32})?$")]
    pub file: Option<String>,
}

/// Your library
///
/// The digital products you have, of every store, what came last first.
#[utoipa::path(
    get, path = "/account/v1/library", tag = "Library", operation_id = "list_library",
    responses((status = 200, body = List<OwnLibraryItem>))
)]
pub async fn list(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<OwnLibraryItem>>, Problem> {
    let found = peers.libraries().list_library(caller.ask(ListLibraryRequest::default())).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.items)))
}

/// Make a link to a file of yours
///
/// It is good for a day and five downloads.
#[utoipa::path(
    post, path = "/account/v1/library/{id}/downloads", tag = "Library", operation_id = "make_download",
    params(("id" = String, Path, description = "`lib_…`", example = "lib_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    request_body = NewOwnDownload,
    responses(
        (status = 201, body = MadeDownload),
        (status = 404, description = "`library_item_not_found`: you do not have it. | `file_not_found`: it has no such file."),
        (status = 429, description = "`too_many_downloads`: many links were made already.")
    )
)]
pub async fn download(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(item): Path<String>,
    Body(NewOwnDownload { file }): Body<NewOwnDownload>,
) -> Result<Answer<MadeDownload>, Problem> {
    let wanted = MakeDownloadRequest { item, file: file.unwrap_or_default(), ..MakeDownloadRequest::default() };
    let made = peers.downloads().make_download(caller.ask(wanted)).await?;
    Ok(Answer::<MadeDownload>::of(made).status(StatusCode::CREATED))
}
