//! Files that are sold with a product, and images of it (CA-1).
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::{DateTime, Utc};
use front::download::hand_out;
use http::{HeaderMap, StatusCode};
use kit::permission::Permission;
use proto::catalog::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    attachments::{nowhere, refusal},
    caller::Caller,
    goods::{described, pieces},
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        params::NoParams,
        upload::{ProductFileForm, Upload},
    },
    router::Gateway,
    shape::{List, text, time},
};

/// The routes about files of products.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_product_files, add_product_file))
        .routes(routes!(add_product_image))
        .routes(routes!(read_product_file, replace_product_file, change_product_file, remove_product_file))
}

/// A file or an image of a product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "pfl_01939b7e5d3c7a2c9d2f1e0b7c6a5d62", "product": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46", "role": "file",
    "position": 1, "name": "rain.mp3", "type": "audio/mpeg", "size": 482_113, "url": null,
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct ProductFile {
    /// `pfl_…`.
    pub id: String,
    /// `prd_…`.
    pub product: String,
    /// `file`, which is sold, or `image`, which is shown.
    pub role: String,
    /// Its place among those of its role.
    pub position: u32,
    /// What it is called.
    pub name: String,
    /// Its media type, told by what it holds.
    pub r#type: String,
    /// Its length in bytes.
    pub size: i64,
    /// SHA-256 of its bytes.
    pub digest: String,
    /// Where anybody sees it; `null` of a file that is sold.
    pub url: Option<String>,
    /// When it was handed in.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl From<pb::ProductFile> for ProductFile {
    fn from(file: pb::ProductFile) -> Self {
        Self {
            id: file.id,
            product: file.product,
            role: file.role,
            position: file.position,
            name: file.name,
            r#type: file.media_type,
            size: file.size,
            digest: file.digest,
            url: text(file.url),
            created_at: time(file.created_at),
            updated_at: time(file.updated_at),
        }
    }
}

/// Changes to a file; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "First chapter", "position": 1}))]
struct ProductFileChanges {
    /// What it is called; its ending stays.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    name: Option<String>,
    /// Its place, 1 first; beyond the last one is the last.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000)]
    position: Option<u32>,
}

/// Files of a product
///
/// Images first, each in their order.
#[utoipa::path(
    get, path = "/admin/v1/products/{id}/files", tag = "Products",
    params(("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    responses((status = 200, body = List<ProductFile>), (status = 404, description = "`product_not_found`: there is no such product.")),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn list_product_files(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(product): Path<String>,
) -> Result<Answer<List<ProductFile>>, Problem> {
    let found = peers.product_files().list_product_files(caller.ask(pb::ListProductFilesRequest { product })).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.files)))
}

async fn add(
    (peers, caller): (&Peers, &Caller),
    (product, role): (String, &str),
    Upload { name, data }: Upload,
) -> Result<Answer<ProductFile>, Problem> {
    let new = pb::AddProductFileRequest { product, role: role.to_owned(), name, data };
    let added = peers.product_files().add_product_file(caller.ask(new)).await.map_err(refusal)?;
    Ok(Answer::of(added).status(StatusCode::CREATED))
}

/// Hand in a file to be sold
///
/// Any file, told by what it holds; it comes last. Whoever bought the product has it, too. At most 50 of a product.
#[utoipa::path(
    post, path = "/admin/v1/products/{id}/files", tag = "Products",
    params(("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    request_body(content = ProductFileForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = ProductFile),
        (status = 404, description = "`product_not_found`: there is no such product."),
        (status = 412, description = "`stale_version`: the product was changed in the meantime."),
        (status = 413, description = "`too_large`: the file is larger than 25 MiB."),
        (status = 415, description = "`unsupported_media_type`: send a form."),
        (status = 422, description = "`file_not_allowed`: it is physical, or a bundle. | `too_many`: it has as many as it may. | `files_full`: the files of this store take all the room they have.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn add_product_file(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(product): Path<String>,
    upload: Upload,
) -> Result<Answer<ProductFile>, Problem> {
    add((&peers, &caller), (product, "file"), upload).await
}

/// Hand in an image
///
/// JPEG, PNG, GIF or WebP, told by what it holds. Its address is put behind those in the product's `images`. At most 20.
#[utoipa::path(
    post, path = "/admin/v1/products/{id}/images", tag = "Products",
    params(("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46")),
    request_body(content = ProductFileForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = ProductFile),
        (status = 404, description = "`product_not_found`: there is no such product."),
        (status = 412, description = "`stale_version`: the product was changed in the meantime."),
        (status = 413, description = "`too_large`: the file is larger than 25 MiB."),
        (status = 415, description = "`file_type_refused`: this is no such picture. | `unsupported_media_type`: send a form."),
        (status = 422, description = "`too_many`: it has as many as it may. | `files_full`: the files of this store take all the room they have.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn add_product_image(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(product): Path<String>,
    upload: Upload,
) -> Result<Answer<ProductFile>, Problem> {
    add((&peers, &caller), (product, "image"), upload).await
}

/// Read a file of a product
///
/// `Range` asks for a part of it.
#[utoipa::path(
    get, path = "/admin/v1/products/{id}/files/{file}", tag = "Products",
    params(
        ("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46"),
        ("file" = String, Path, description = "`pfl_…`", example = "pfl_01939b7e5d3c7a2c9d2f1e0b7c6a5d62")
    ),
    responses(
        (status = 200, description = "The file.", content((String = "*/*", example = "ID3"))),
        (status = 206, description = "The part that was asked for.", content((String = "*/*", example = "ID3"))),
        (status = 404, description = "`product_not_found`: there is no such product. | `file_not_found`: there is no such file."),
        (status = 416, description = "`range_not_satisfiable`: the file has no such part.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogRead.slug()])))
)]
async fn read_product_file(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((product, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = pb::OpenProductFileRequest { product, id, store: String::new() };
    let opened = peers.product_files().open_product_file(caller.ask(wanted)).await?.into_inner();
    let file = described(&opened.file.unwrap_or_default());
    let answer = hand_out::<_, _, Problem>(&file, &headers, pieces(peers, opened.pass)).await?;
    answer.map_or_else(|| nowhere(file.size), Ok)
}

/// Replace a file of a product
///
/// Its place and id stay: whoever bought the product gets the new one. An image gets another address.
#[utoipa::path(
    put, path = "/admin/v1/products/{id}/files/{file}", tag = "Products",
    params(
        ("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46"),
        ("file" = String, Path, description = "`pfl_…`", example = "pfl_01939b7e5d3c7a2c9d2f1e0b7c6a5d62")
    ),
    request_body(content = ProductFileForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = ProductFile),
        (status = 404, description = "`product_not_found`: there is no such product. | `file_not_found`: there is no such file."),
        (status = 412, description = "`stale_version`: the product was changed in the meantime."),
        (status = 413, description = "`too_large`: the file is larger than 25 MiB."),
        (status = 415, description = "`file_type_refused`: an image stays a picture. | `unsupported_media_type`: send a form."),
        (status = 422, description = "`files_full`: the files of this store take all the room they have.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn replace_product_file(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((product, id)): Path<(String, String)>,
    Upload { name, data }: Upload,
) -> Result<Answer<ProductFile>, Problem> {
    let new = pb::ReplaceProductFileRequest { product, id, name, data };
    let replaced = peers.product_files().replace_product_file(caller.ask(new)).await.map_err(refusal)?;
    Ok(Answer::of(replaced))
}

/// Rename or move a file of a product
#[utoipa::path(
    patch, path = "/admin/v1/products/{id}/files/{file}", tag = "Products", request_body = ProductFileChanges,
    params(
        ("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46"),
        ("file" = String, Path, description = "`pfl_…`", example = "pfl_01939b7e5d3c7a2c9d2f1e0b7c6a5d62")
    ),
    responses(
        (status = 200, body = ProductFile),
        (status = 404, description = "`product_not_found`: there is no such product. | `file_not_found`: there is no such file."),
        (status = 412, description = "`stale_version`: the product was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn change_product_file(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((product, id)): Path<(String, String)>,
    Body(ProductFileChanges { name, position }): Body<ProductFileChanges>,
) -> Result<Answer<ProductFile>, Problem> {
    let change = pb::ChangeProductFileRequest { product, id, name, position };
    Ok(Answer::of(peers.product_files().change_product_file(caller.ask(change)).await?))
}

/// Take a file of a product away
///
/// Nobody has it any more, whoever bought the product included.
#[utoipa::path(
    delete, path = "/admin/v1/products/{id}/files/{file}", tag = "Products",
    params(
        ("id" = String, Path, description = "`prd_…`", example = "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46"),
        ("file" = String, Path, description = "`pfl_…`", example = "pfl_01939b7e5d3c7a2c9d2f1e0b7c6a5d62")
    ),
    responses(
        (status = 204, description = "The file is gone."),
        (status = 404, description = "`product_not_found`: there is no such product. | `file_not_found`: there is no such file."),
        (status = 412, description = "`stale_version`: the product was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CatalogWrite.slug()])))
)]
async fn remove_product_file(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((product, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    peers.product_files().remove_product_file(caller.ask(pb::RemoveProductFileRequest { product, id })).await?;
    Ok(StatusCode::NO_CONTENT)
}
