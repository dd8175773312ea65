//! `/account/v1`: the shopper, across stores (ID-14, ID-15).
mod data_export;
mod library;
mod link;
mod me;
mod orders;
mod pay;
mod preferences;
mod receipts;
mod session;
mod stores;
mod subscriptions;
mod ticket_attachments;
mod tickets;

pub use link::{Accepted, send};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::router::Gateway;

/// The routes to get a session by, which need none.
pub fn sign_in_routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(link::request)).routes(routes!(session::create))
}

/// The routes of a shopper who is signed in.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(session::delete))
        .routes(routes!(session::list, session::end_others))
        .routes(routes!(session::end))
        .routes(routes!(me::get))
        .routes(routes!(stores::list))
        .routes(routes!(preferences::get, preferences::set))
        .routes(routes!(library::list))
        .routes(routes!(pay::pay))
        .routes(routes!(library::download))
        .routes(routes!(data_export::export))
        .routes(routes!(tickets::list, tickets::open))
        .routes(routes!(tickets::get))
        .routes(routes!(tickets::list_comments, tickets::reply))
        .merge(ticket_attachments::routes())
        .merge(orders::routes())
        .merge(receipts::routes())
        .merge(subscriptions::routes())
}
