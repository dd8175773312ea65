//! Files that are handed in by a form.
use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use front::form::{FormError, parts};
use http::{StatusCode, header};
use kit::failure::Violation;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// A form with one file in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the form for the documentation")]
pub struct FileForm {
    /// The file: at most 25 MiB.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    pub file: Vec<u8>,
}

/// A form with one file of a product in it; of an image, a picture.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"file": "GIF89a"}))]
#[expect(dead_code, reason = "describes the form for the documentation")]
pub struct ProductFileForm {
    /// Its bytes: at most 25 MiB.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    pub file: Vec<u8>,
}

/// The file of a form, in its field `file`.
#[derive(Debug)]
pub struct Upload {
    /// What it is called; may be empty.
    pub name: String,
    /// What it holds.
    pub data: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        // Its size was looked at by the door.
        let bytes = to_bytes(body, usize::MAX).await.map_err(|_| Problem::defect("a body was read twice"))?;
        let mut parts = parts(kind, bytes).await.map_err(|error| match error {
            FormError::Other => unsupported("Send a form, with Content-Type: multipart/form-data."),
            FormError::Malformed => Violation::new("", "malformed", "this is not a form").into(),
        })?;
        if let Some(other) = parts.iter().find(|part| part.name != "file") {
            let name = other.name.replace('~', "~0").replace('/', "~1");
            return Err(Violation::new(format!("/{name}"), "unknown_field", "only file is a field here").into());
        }
        let file = parts.pop().ok_or_else(|| Violation::new("/file", "required", "file is required"))?;
        if !parts.is_empty() {
            return Err(Violation::new("/file", "duplicate_field", "one file at a time").into());
        }
        Ok(Self { name: file.file_name.unwrap_or_default(), data: file.data })
    }
}

/// What is sent is of a kind that is not taken.
pub fn unsupported(detail: &'static str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
}
