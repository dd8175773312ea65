//! Files of products: those that are sold, by links that are their own credential (OR-9), and images, which anybody sees
//! (CA-1).
use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use front::download::{Download, body, hand_out};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use proto::{
    catalog::v1::{OpenProductImageRequest, ProductFile, ReadProductFileRequest},
    orders::v1::OpenDownloadRequest,
};
use tonic::Request;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    attachments::nowhere, caller::Arrival, peers::Peers, problem::Problem, request::params::Params, router::Gateway,
};

/// The routes to files of products.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(read_download)).routes(routes!(read_image))
}

/// What makes the link good.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
struct DownloadLink {
    /// Until when the link is good.
    #[param(example = 1_772_453_700_i64, minimum = 1, maximum = 9_999_999_999_i64)]
    expires: i64,
    /// Its signature.
    #[param(example = "4a", pattern = "^[0-9a-f]{2,64}$")]
    signature: String,
}

/// A file of a product, as it is handed out.
pub fn described(file: &ProductFile) -> Download {
    Download {
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        size: file.size,
        tag: format!("\"{}\"", file.digest),
    }
}

/// Reads bytes by `pass`, a piece at a time.
pub fn pieces(
    peers: Arc<Peers>,
    pass: String,
) -> impl Fn(i64, i64) -> std::pin::Pin<Box<dyn Future<Output = Result<Bytes, Problem>> + Send>> + Send + Sync + 'static
{
    move |offset, length| {
        let (mut files, pass) = (peers.product_files(), pass.clone());
        Box::pin(async move {
            let request = ReadProductFileRequest { pass, offset, length };
            Ok(files.read_product_file(request).await.map_err(Problem::from)?.into_inner().data)
        })
    }
}

/// A file that was bought
///
/// By the link that was made for it; nothing else is asked for. `Range` asks for a part of it, with `If-Range` of the file
/// that was begun. The link ends, counts, and is dead as soon as what it is for is taken away; whoever goes on within an
/// hour from the same address is not counted anew.
#[utoipa::path(
    get, path = "/files/downloads/{id}", tag = "Files",
    params(
        ("id" = String, Path, description = "`dwn_…`", example = "dwn_01939b7e5d3c7a2c9d2f1e0b7c6a5d63"),
        DownloadLink
    ),
    responses(
        (status = 200, description = "The file.", content((String = "*/*", example = "ID3"))),
        (status = 206, description = "The part that was asked for.", content((String = "*/*", example = "ID3"))),
        (status = 404, description = "`download_not_found`: this is no link to a file."),
        (status = 410, description = "`link_expired`: the link is no longer good. | `link_dead`: what it was for is gone. | `downloads_used_up`: the file was downloaded as often as it may be."),
        (status = 416, description = "`range_not_satisfiable`: the file has no such part.")
    )
)]
async fn read_download(
    State(peers): State<Arc<Peers>>,
    Extension(arrival): Extension<Arrival>,
    Path(id): Path<String>,
    (method, headers): (Method, HeaderMap),
    mut params: Params,
) -> Result<Response, Problem> {
    let (expires, signature) = (params.number("expires")?, params.text("signature"));
    params.finish()?;
    let ask = |length| {
        let (id, signature) = (id.clone(), signature.clone());
        let mut request = Request::new(OpenDownloadRequest { id, expires, signature, length });
        arrival.describe(request.metadata_mut());
        request
    };
    let seen = peers.downloads().open_download(ask(0)).await?.into_inner().file;
    let file = described(&seen.ok_or_else(|| Problem::defect("a file was not told"))?);
    let Some(range) = file.range(&headers) else { return nowhere(file.size) };
    if method == Method::HEAD {
        return Ok((StatusCode::OK, file.head(&(0..file.size))).into_response());
    }
    let opened = peers.downloads().open_download(ask(range.end - range.start)).await?.into_inner();
    // The pass is to the bytes of now, which may be others than a moment ago.
    let file = described(&opened.file.unwrap_or_default());
    let answer = hand_out::<_, _, Problem>(&file, &headers, pieces(peers, opened.pass)).await?;
    answer.map_or_else(|| nowhere(file.size), Ok)
}

/// An image of a product
///
/// Anybody sees it. What lies at an address with its `v` never changes, so that it may be kept for ever.
#[utoipa::path(
    get, path = "/files/images/{id}", tag = "Files",
    params(
        ("id" = String, Path, description = "`pfl_…`", example = "pfl_01939b7e5d3c7a2c9d2f1e0b7c6a5d62"),
        ("v" = Option<String>, Query, description = "Tells these bytes from others.", example = "0a1b2c3d", pattern = "^[0-9a-f]{0,64}$")
    ),
    responses(
        (status = 200, description = "The image.", content((String = "image/*", example = "JFIF"))),
        (status = 304, description = "It is as it was."),
        (status = 404, description = "`file_not_found`: there is no such image.")
    )
)]
async fn read_image(
    State(peers): State<Arc<Peers>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Problem> {
    let version = params.text("v");
    params.finish()?;
    let opened = peers.product_files().open_product_image(OpenProductImageRequest { id }).await?.into_inner();
    let file = described(&opened.file.unwrap_or_default());
    let lasts = if version.is_empty() { "public, max-age=300" } else { "public, max-age=31536000, immutable" };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == *file.tag);
    let mut answer = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body(&(0..file.size), pieces(peers, opened.pass)).await?.into_response()
    };
    for (name, value) in [
        (header::CONTENT_TYPE, file.media_type.as_str()),
        (header::CONTENT_DISPOSITION, "inline"),
        (header::CACHE_CONTROL, lasts),
        (header::ETAG, &file.tag),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ] {
        let value = HeaderValue::try_from(value).map_err(|_| Problem::defect("a header of an image"))?;
        answer.headers_mut().insert(name, value);
    }
    Ok(answer)
}
