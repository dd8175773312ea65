//! Reports as files: read from a service piece by piece, however long they are.
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, header};
use proto::customers::v1::JobReportPiece;

use crate::problem::Problem;

/// The report `name` as a file; `piece` gives the one behind what the piece before said. Whatever is wrong with the first
/// is told before the file begins.
pub async fn download<F, P>(name: &str, piece: P) -> Result<Response, Problem>
where
    F: Future<Output = Result<JobReportPiece, Problem>> + Send + 'static,
    P: Fn(String) -> F + Send + 'static,
{
    let first = piece(String::new()).await?;
    let rest = stream::try_unfold((piece, first.next), async |(piece, after): (P, String)| {
        if after.is_empty() {
            return Ok(None);
        }
        let broken = |_| std::io::Error::other("a report could not be read to its end");
        let JobReportPiece { data, next } = piece(after).await.map_err(broken)?;
        Ok(Some((data, (piece, next))))
    });
    let first = stream::once(async move { Ok::<Bytes, std::io::Error>(first.data) });
    let mut response = Body::from_stream(first.chain(rest)).into_response();
    let headers = response.headers_mut();
    for (header, value) in [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}.csv\"")),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(header, HeaderValue::try_from(value).map_err(|_| Problem::defect("a header of a file"))?);
    }
    Ok(response)
}
