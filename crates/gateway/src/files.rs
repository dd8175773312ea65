//! Files, by links that are their own credential (EX-2): whoever has one reads the file until the link ends.
use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};
use proto::customers::v1::{ExportPiece, ReadExportRequest};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{peers::Peers, problem::Problem, request::params::Params, router::Gateway};

/// The routes to files.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(read_export))
}

/// What makes the link good.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the documentation")]
struct Link {
    /// Until when the link is good.
    #[param(example = 1_772_453_700_i64, minimum = 1, maximum = 9_999_999_999_i64)]
    expires: i64,
    /// Its signature.
    #[param(example = "4a", pattern = "^[0-9a-f]{2,64}$")]
    signature: String,
}

/// The file of an export
///
/// By the link that the export tells; nothing else is asked for.
#[utoipa::path(
    get, path = "/files/exports/{id}", tag = "Files",
    params(
        ("id" = String, Path, description = "`exp_…`", example = "exp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d51"),
        Link
    ),
    responses(
        (status = 200, description = "The file.", content(
            (String = "text/csv", example = "id,email\r\n"),
            (String = "text/html", example = "<!doctype html>"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = "PK"),
        )),
        (status = 404, description = "`export_not_found`: this is no link to a file."),
        (status = 410, description = "`link_expired`: the link is no longer good, or the file is gone.")
    )
)]
async fn read_export(
    State(peers): State<Arc<Peers>>,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<Response, Problem> {
    let request =
        ReadExportRequest { id, expires: params.number("expires")?, signature: params.text("signature"), offset: 0 };
    params.finish()?;
    // Whatever is wrong with the link is told before the file begins.
    let first = peers.exports().read_export(request.clone()).await?.into_inner();
    let (media_type, name, size) = (first.media_type.clone(), first.name.clone(), first.size);
    let rest = Rest { peers, request: ReadExportRequest { offset: length(&first), ..request }, size };
    let rest = stream::try_unfold(rest, Rest::next);
    let first = stream::once(async move { Ok::<_, std::io::Error>(first.data) });
    let mut response = Body::from_stream(futures_util::StreamExt::chain(first, rest)).into_response();
    let headers = response.headers_mut();
    let disposition = format!("attachment; filename=\"{name}\"");
    for (header, value) in [
        (header::CONTENT_TYPE, media_type.as_str()),
        (header::CONTENT_DISPOSITION, &disposition),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; style-src 'unsafe-inline'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(header, HeaderValue::try_from(value).map_err(|_| Problem::defect("a header of a file"))?);
    }
    Ok(response)
}

fn length(piece: &ExportPiece) -> i64 {
    i64::try_from(piece.data.len()).unwrap_or(i64::MAX)
}

/// What is still to be read: a piece at a time, however long the file is.
struct Rest {
    peers: Arc<Peers>,
    request: ReadExportRequest,
    size: i64,
}

impl Rest {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, std::io::Error> {
        if self.request.offset >= self.size {
            return Ok(None);
        }
        let piece = self.peers.exports().read_export(self.request.clone()).await;
        let piece = piece.map_err(|_| std::io::Error::other("a file could not be read to its end"))?.into_inner();
        if piece.data.is_empty() {
            return Err(std::io::Error::other("a file is shorter than it was"));
        }
        self.request.offset += length(&piece);
        Ok(Some((piece.data, self)))
    }
}
