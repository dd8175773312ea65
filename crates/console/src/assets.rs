//! Styles and scripts: vendored, in the binary, each under an address that names its content and is cached for ever.
use std::sync::LazyLock;

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::compression::CompressionLayer;

struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static [u8],
    hash: LazyLock<String>,
}

macro_rules! asset {
    ($name:literal, $kind:literal) => {
        Asset {
            name: $name,
            kind: $kind,
            content: include_bytes!(concat!("../static/", $name)),
            hash: LazyLock::new(|| hash(include_bytes!(concat!("../static/", $name)))),
        }
    };
}

static ASSETS: [Asset; 5] = [
    asset!("tabler.min.css", "text/css; charset=utf-8"),
    asset!("console.css", "text/css; charset=utf-8"),
    asset!("htmx.min.js", "text/javascript; charset=utf-8"),
    asset!("console.js", "text/javascript; charset=utf-8"),
    asset!("mark.svg", "image/svg+xml"),
];

fn hash(content: &[u8]) -> String {
    kit::secret::sha256(content)[..8].iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The address of the file `name`.
pub fn url(name: &str) -> String {
    let hash = ASSETS.iter().find(|asset| asset.name == name).map_or("", |asset| asset.hash.as_str());
    format!("/console/static/{hash}/{name}")
}

/// The routes of all files, compressed for those who take it.
pub fn routes() -> Router {
    Router::new().route("/console/static/{hash}/{name}", get(serve)).layer(CompressionLayer::new())
}

/// Answers a file. Under the address of another build, as pages have it while a new one is rolled out, it is not kept.
async fn serve(Path((hash, name)): Path<(String, String)>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let cache = if *asset.hash == hash { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, cache),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_the_content() {
        let url = url("console.css");
        let hash = url.trim_start_matches("/console/static/").trim_end_matches("/console.css");
        assert_eq!(hash.len(), 16, "{url}");
    }

    /// Nothing is loaded from elsewhere: pages work behind a policy of `'self'`.
    #[test]
    fn styles_load_nothing() {
        for asset in ASSETS.iter().filter(|asset| asset.kind.starts_with("text/css")) {
            let text = String::from_utf8_lossy(asset.content);
            assert!(!text.contains("@import"), "{}", asset.name);
            let foreign = text.split("url(").skip(1).find(|rest| !rest.trim_start_matches('"').starts_with("data:"));
            assert_eq!(foreign.map(|rest| &rest[..40]), None, "{}", asset.name);
        }
    }
}
