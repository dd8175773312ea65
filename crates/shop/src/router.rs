//! What the shop front answers: its files, and which shop it is the front of.
use axum::{
    Json, Router,
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
    routing::get,
};

use crate::{files::FILES, place::Place};

/// The routes of a front for the shop at `place`.
///
/// # Errors
/// An address that cannot stand in a header field.
pub fn router(place: &Place) -> anyhow::Result<Router> {
    let rules = [
        (header::CONTENT_SECURITY_POLICY, policy(&place.api)?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let told = Json(place.clone());
    let mut routes = Router::new().route("/shop.json", with(&rules, told));
    for (path, kind, text) in FILES {
        routes = routes.route(path, with(&rules, ([(header::CONTENT_TYPE, kind)], text)));
    }
    Ok(routes)
}

/// Scripts and styles are the front's own; it talks to the shop, and shows pictures from anywhere.
fn policy(api: &str) -> anyhow::Result<HeaderValue> {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src * data:; connect-src 'self' {api}; \
         form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    );
    Ok(HeaderValue::from_str(&policy)?)
}

fn with(
    rules: &[(HeaderName, HeaderValue); 4],
    answer: impl IntoResponse + Clone + Send + Sync + 'static,
) -> axum::routing::MethodRouter {
    let rules = rules.clone();
    get(async move || (rules, answer))
}
