//! The OpenAPI document, made from the routes, and the page that shows it.
mod choices;
mod complete;
mod conditions;
mod example;
mod exports;
mod fields;
pub mod filters;
mod links;
pub mod page;
mod problems;

use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use crate::{account, admin, files, hooks, photos, storefront, well_known};

/// The OpenAPI 3.1 document of every route.
#[must_use]
pub fn openapi() -> OpenApi {
    let routes = OpenApiRouter::new()
        .merge(storefront::routes())
        .merge(admin::routes())
        .merge(admin::sign_in_routes())
        .merge(account::routes())
        .merge(account::sign_in_routes())
        .merge(well_known::routes())
        .merge(files::routes())
        .merge(hooks::routes())
        .merge(photos::routes());
    let (_, mut document) = routes.split_for_parts();
    document.info = InfoBuilder::new()
        .title("Patron")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("introduction.md")))
        .build();
    complete::complete(&mut document);
    document
}
