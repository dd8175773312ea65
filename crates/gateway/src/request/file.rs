//! Bodies that are files.
use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{StatusCode, header};

use crate::problem::Problem;

/// Largest file, in bytes.
const LARGEST: usize = 25 * 1024 * 1024;

/// Comma-separated values. None at all is an empty file, which the service refuses.
#[derive(Debug)]
pub struct Csv(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default().to_owned());
        // Its size was looked at by the door.
        let bytes = to_bytes(body, usize::MAX).await.map_err(|_| Problem::defect("a body was read twice"))?;
        let is_csv = |kind: &str| kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/csv");
        if kind.as_deref().map_or(!bytes.is_empty(), |kind| !is_csv(kind)) {
            let detail = "Send comma-separated values, with Content-Type: text/csv.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
        }
        // The door leaves room for what a form says around a file, which here is none.
        if bytes.len() > LARGEST {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body is larger than 25 MiB."));
        }
        Ok(Self(bytes))
    }
}
