//! Customers: signing up and in, and their own profile and orders.
mod closure;
mod code_sign_in;
mod consent;
mod contact;
mod customer;
mod device;
mod guest_cart;
mod library;
mod link;
mod password;
mod photo;
mod place;
mod profile;
mod provider;
mod session;
mod sign_in;
mod ticket;
mod ticket_attachments;
mod wish;

pub use session::Session as OpenSession;
pub use ticket::product_ids;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::router::Gateway;

/// The routes about customers.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(sign_in::request_creation_code))
        .routes(routes!(sign_in::register))
        .routes(routes!(sign_in::log_in))
        .routes(routes!(sign_in::log_out))
        .routes(routes!(code_sign_in::request_code))
        .routes(routes!(code_sign_in::verify_code))
        .routes(routes!(password::forgot))
        .routes(routes!(password::reset))
        .routes(routes!(password::set))
        .routes(routes!(contact::request_phone_code))
        .routes(routes!(contact::verify_phone))
        .routes(routes!(contact::request_email_code))
        .routes(routes!(contact::verify_email))
        .routes(routes!(session::log_out_everywhere))
        .routes(routes!(session::list_sessions, session::end_other_sessions))
        .routes(routes!(session::end_session))
        .routes(routes!(device::register))
        .routes(routes!(device::unregister))
        .routes(routes!(closure::begin))
        .routes(routes!(closure::confirm))
        .routes(routes!(link::request))
        .routes(routes!(provider::google))
        .routes(routes!(provider::apple))
        .routes(routes!(provider::facebook))
        .routes(routes!(place::list, place::add))
        .routes(routes!(place::replace, place::delete))
        .routes(routes!(wish::list, wish::add))
        .routes(routes!(wish::remove))
        .routes(routes!(library::list))
        .routes(routes!(library::download))
        .routes(routes!(consent::get, consent::set))
        .routes(routes!(consent::browse_members))
        .routes(routes!(profile::list_own_orders))
        .routes(routes!(ticket::list, ticket::open))
        .routes(routes!(ticket::get))
        .routes(routes!(ticket::list_comments, ticket::reply))
        .merge(ticket_attachments::routes())
        .routes(routes!(photo::put, photo::remove))
        .routes(routes!(profile::get_profile, profile::update_profile))
}
