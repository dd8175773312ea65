//! The page that shows the document, and the document itself. The viewer is vendored: nothing is loaded from
//! elsewhere.
use std::sync::LazyLock;

use axum::{
    Router,
    body::Bytes,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderName, header};

use crate::router::Gateway;

const PAGE: &str = include_str!("../../static/docs.html");
const START: &str = include_str!("../../static/docs.js");
const VIEWER: &[u8] = include_bytes!("../../static/scalar/standalone.js");
/// Where the viewer is; another version has another address.
const VIEWER_PATH: &str = "/docs/scalar-1.46.4.js";
/// The viewer styles its parts itself, which takes inline styles; scripts come from here alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

static DOCUMENT: LazyLock<Bytes> =
    LazyLock::new(|| super::openapi().to_pretty_json().unwrap_or_default().into_bytes().into());
static DOCUMENT_TAG: LazyLock<String> =
    LazyLock::new(|| format!("\"{}\"", hex::encode(&kit::secret::sha256(&DOCUMENT)[..8])));

/// The routes for readers.
pub fn routes() -> Router<Gateway> {
    Router::new()
        .route("/openapi.json", get(document))
        .route("/docs", get(async || file("text/html; charset=utf-8", "no-cache", PAGE.as_bytes())))
        .route("/docs/start.js", get(async || file("text/javascript; charset=utf-8", "no-cache", START.as_bytes())))
        .route(VIEWER_PATH, get(async || file("text/javascript; charset=utf-8", FOR_EVER, VIEWER)))
}

const FOR_EVER: &str = "public, max-age=31536000, immutable";

async fn document() -> Response {
    let head = [(header::CACHE_CONTROL, "no-cache"), (header::CONTENT_TYPE, "application/json")];
    (head, [(header::ETAG, DOCUMENT_TAG.as_str())], DOCUMENT.clone()).into_response()
}

fn file(kind: &'static str, cache: &'static str, content: &'static [u8]) -> Response {
    let head: [(HeaderName, &str); 3] =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (head, content).into_response()
}
