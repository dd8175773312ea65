//! Links to files of what customers have, and what became of them (OR-9).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::orders::v1 as pb;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{Pages, Totals};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{DownloadPattern, DownloadUse, List, MadeDownload},
};

/// The routes about downloads.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(make_download))
        .routes(routes!(list_downloads))
        .routes(routes!(list_download_patterns))
        .routes(routes!(list_product_download_patterns))
}

const OFFER: Offer = &[Extra::Total];

/// A link to make for a customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"expires_in": 3600, "most_uses": 1}))]
struct NewCustomerDownload {
    /// `pfl_…`; may be left out where there is one file only.
    #[serde(default)]
    #[schema(max_length = 40, pattern = "^(pfl_[0-9a-f]{32})?$")]
    file: Option<String>,
    /// For how many seconds it is good; a day without this.
    #[serde(default)]
    #[schema(minimum = 60, maximum = 2_592_000)]
    expires_in: Option<u32>,
    /// How often it is good; five times without this.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000)]
    most_uses: Option<u32>,
}

/// Make a link for a customer
///
/// Whoever has it may read the file.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/library/{item}/downloads", tag = "Library", request_body = NewCustomerDownload,
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        ("item" = String, Path, description = "`lib_…`", example = "lib_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")
    ),
    responses(
        (status = 201, body = MadeDownload),
        (status = 404, description = "`customer_not_found`: there is no such customer. | `library_item_not_found`: they do not have it. | `file_not_found`: it has no such file."),
        (status = 429, description = "`too_many_downloads`: many links were made for them already.")
    ),
    extensions(("x-permission" = json!([Permission::LibraryWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn make_download(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((customer, item)): Path<(String, String)>,
    Body(new): Body<NewCustomerDownload>,
) -> Result<Answer<MadeDownload>, Problem> {
    let wanted = pb::MakeDownloadRequest {
        customer,
        item,
        file: new.file.unwrap_or_default(),
        expires_in: new.expires_in.unwrap_or_default(),
        most_uses: new.most_uses.unwrap_or_default(),
    };
    let made = peers.downloads().make_download(caller.ask(wanted)).await?;
    Ok(Answer::<MadeDownload>::of(made).status(StatusCode::CREATED))
}

/// A customer's downloads.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    customer: String,
    wanted: Wanted,
) -> Result<Answer<List<DownloadUse>>, Problem> {
    let request = pb::ListDownloadsRequest { customer, page: Some(wanted.page) };
    let found = peers.downloads().list_downloads(caller.ask(request)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.downloads, found.page)))
}

/// A customer's downloads
///
/// Newest first, each with its time and address.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/downloads", tag = "Library",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"), Pages, Totals
    ),
    responses((status = 200, body = List<DownloadUse>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_downloads(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<DownloadUse>>, Problem> {
    list(&peers, &caller, id, Wanted::read(params, OFFER)?).await
}

async fn patterns(
    peers: &Peers,
    caller: &Caller,
    [customer, product]: [String; 2],
) -> Result<Answer<List<DownloadPattern>>, Problem> {
    let request = pb::ListDownloadPatternsRequest { customer, product };
    let found = peers.downloads().list_download_patterns(caller.ask(request)).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.patterns)))
}

/// How a customer downloads
///
/// By file: how often, from how many networks, since when; the most downloaded first, at most 200.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/download-patterns", tag = "Library",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses((status = 200, body = List<DownloadPattern>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_download_patterns(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<List<DownloadPattern>>, Problem> {
    patterns(&peers, &caller, [id, String::new()]).await
}

/// How a product is downloaded
///
/// By file and customer: how often, from how many networks, since when; the most downloaded first, at most 200.
#[utoipa::path(
    get, path = "/admin/v1/products/{id}/download-patterns", tag = "Library",
    params(("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    responses((status = 200, body = List<DownloadPattern>), (status = 404, description = "`product_not_found`: this is no product.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_product_download_patterns(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<List<DownloadPattern>>, Problem> {
    patterns(&peers, &caller, [String::new(), id]).await
}
