//! `/storefront/v1`: shop front ends, in the shapes that existing shop clients read.
mod about;
mod cart_attribution;
mod cart_codes;
mod cart_shipping;
mod carts;
mod checkouts;
mod customers;
mod gateways;
mod orders;
mod products;
mod reviews;
pub mod subscriptions;

pub use customers::{OpenSession, product_ids};
use utoipa_axum::router::OpenApiRouter;

use crate::router::Gateway;

/// The routes behind a shop's key.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .merge(about::routes())
        .merge(products::routes())
        .merge(customers::routes())
        .merge(carts::routes())
        .merge(cart_attribution::routes())
        .merge(cart_codes::routes())
        .merge(cart_shipping::routes())
        .merge(checkouts::routes())
        .merge(gateways::routes())
        .merge(orders::routes())
        .merge(subscriptions::routes())
        .merge(reviews::routes())
}
