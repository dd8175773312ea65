//! Documents that are made for whoever asks: pages are shown, everything else is kept; neither runs anything.
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, header};

/// `content` as a document called `name`, which is plain. It is about somebody, so nobody in between keeps it.
#[must_use]
pub fn sheet(name: &str, media_type: &str, content: Bytes) -> Response {
    let how = if media_type.starts_with("text/html") { "inline" } else { "attachment" };
    let mut answer = Body::from(content).into_response();
    for (header, value) in [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("{how}; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox allow-modals; default-src 'none'; style-src 'unsafe-inline'".to_owned(),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.headers_mut().insert(header, value);
        }
    }
    answer
}
