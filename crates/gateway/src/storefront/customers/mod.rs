//! Customers: signing up and in, and their own profile and orders.
mod customer;
mod profile;
mod sign_in;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::router::Gateway;

/// The routes about customers.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(sign_in::request_creation_code))
        .routes(routes!(sign_in::register))
        .routes(routes!(sign_in::log_in))
        .routes(routes!(sign_in::log_out))
        .routes(routes!(profile::list_own_orders))
        .routes(routes!(profile::get_profile, profile::update_profile))
}
