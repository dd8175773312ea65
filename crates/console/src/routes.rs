//! Every address of the console.
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::Redirect,
    routing::{get, post},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    account, assets, console::Console, customers, entrance, hosted, orders, problem::Problem, rate, theme, visit,
};

/// The largest form, in bytes.
const FORM: usize = 16 * 1024;

/// The routes of all pages and files.
pub fn routes(console: &Console) -> Router {
    let pages = Router::new()
        .route("/console", get(|| async { Redirect::to("/console/customers") }))
        .route("/console/sign-in", get(entrance::show).post(entrance::sign_in))
        .route("/console/sign-in/code", get(entrance::ask_code).post(entrance::verify_code))
        .route("/console/sign-out", post(entrance::sign_out))
        .route("/console/store", post(entrance::choose_store))
        .route("/console/theme", post(theme::choose))
        .route("/console/customers", get(customers::list))
        .route("/console/customers/{id}", get(customers::profile))
        .route("/console/orders/{id}", get(orders::detail))
        .route("/console/", get(|| async { Redirect::to("/console/customers") }))
        .route("/console/{*rest}", get(|| async { Problem::not_found() }))
        .layer(CatchPanicLayer::new())
        .layer(DefaultBodyLimit::max(FORM))
        .layer(middleware::from_fn_with_state(console.clone(), visit::receive))
        .with_state(console.clone());
    let all = pages.merge(hosted_pages(console)).merge(assets::routes());
    all.layer(middleware::from_fn_with_state(console.clone(), rate::limit))
}

/// Pages that shoppers are sent to. A staff session means nothing here.
fn hosted_pages(console: &Console) -> Router {
    Router::new()
        .route("/pay/test/{secret}", get(hosted::show).post(hosted::decide))
        .route("/account", get(account::home).post(account::ask))
        .route("/account/link/{token}", get(account::show).post(account::follow))
        .route("/account/sign-out", post(account::sign_out))
        .route("/account/", get(|| async { Redirect::to("/account") }))
        .route("/pay/{*rest}", get(|| async { Problem::no_page() }))
        .layer(CatchPanicLayer::new())
        .layer(DefaultBodyLimit::max(FORM))
        .layer(middleware::from_fn_with_state(console.clone(), visit::receive_shopper))
        .with_state(console.clone())
}
