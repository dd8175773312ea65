//! `/admin/v1`: staff and integrations.
mod audit;
mod carts;
mod customer;
mod customers;
mod list_query;
mod me;
mod messages;
mod orders;
mod products;
mod profile;
mod reviews;
mod sessions;

use utoipa_axum::router::OpenApiRouter;

use crate::router::Gateway;

/// The routes behind a staff session or an API key.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .merge(sessions::routes())
        .merge(me::routes())
        .merge(customers::routes())
        .merge(profile::routes())
        .merge(orders::routes())
        .merge(carts::routes())
        .merge(messages::routes())
        .merge(products::routes())
        .merge(reviews::routes())
        .merge(audit::routes())
}

/// The routes to get a session by.
pub fn sign_in_routes() -> OpenApiRouter<Gateway> {
    sessions::sign_in_routes()
}
