//! `/admin/v1`: staff and integrations.
mod account_audits;
mod account_cleanups;
mod api_keys;
mod attribution_report;
mod audit;
mod blocks;
mod campaigns;
mod cart;
mod cart_attribution;
mod cart_codes;
mod cart_shipping;
mod carts;
mod checkout_links;
mod checkout_now;
mod customer;
mod customer_addresses;
mod customer_changes;
mod customer_consents;
mod customer_downloads;
mod customer_duplicates;
mod customer_erasure;
mod customer_merge;
mod customer_notes;
mod customer_photo;
mod customer_purchases;
mod customer_record;
mod customer_sign_in;
mod customer_timeline;
mod customers;
mod customers_bulk;
mod exports;
mod factor;
mod gateways;
mod hook_deliveries;
mod impersonations;
mod imports;
mod invitations;
mod jobs;
mod letters;
mod library;
mod library_rebuild;
mod list_query;
mod me;
mod messages;
mod networks;
mod offers;
mod order_desk;
mod order_links;
mod orders;
mod own_sessions;
mod payment_links;
mod products;
mod profile;
mod promotion;
mod receipts;
mod refunds;
mod report;
mod retention;
mod reviews;
mod roles;
mod segments;
mod sessions;
mod settings;
mod shipping_methods;
mod staff;
mod stores;
mod subscriptions;
mod tax_rates;
mod ticket;
mod ticket_attachments;
mod ticket_comments;
mod tickets;
mod transactions;
mod vouchers;
mod webhooks;

pub use customer_changes::tags;
pub use jobs::Progress;
pub use list_query::Pages;
use utoipa_axum::router::OpenApiRouter;

use crate::router::Gateway;

/// The routes behind a staff session or an API key.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .merge(sessions::routes())
        .merge(own_sessions::routes())
        .merge(factor::routes())
        .merge(me::routes())
        .merge(staff::routes())
        .merge(invitations::routes())
        .merge(roles::routes())
        .merge(api_keys::routes())
        .merge(blocks::routes())
        .merge(impersonations::routes())
        .merge(stores::routes())
        .merge(networks::routes())
        .merge(settings::routes())
        .merge(customers::routes())
        .merge(customers_bulk::routes())
        .merge(customer_record::routes())
        .merge(customer_photo::routes())
        .merge(customer_notes::routes())
        .merge(customer_purchases::routes())
        .merge(customer_addresses::routes())
        .merge(customer_consents::routes())
        .merge(customer_sign_in::routes())
        .merge(customer_timeline::routes())
        .merge(library::routes())
        .merge(library_rebuild::routes())
        .merge(customer_downloads::routes())
        .merge(account_audits::routes())
        .merge(account_cleanups::routes())
        .merge(retention::routes())
        .merge(segments::routes())
        .merge(exports::routes())
        .merge(imports::routes())
        .merge(customer_merge::routes())
        .merge(customer_duplicates::routes())
        .merge(profile::routes())
        .merge(jobs::routes())
        .merge(customer_erasure::routes())
        .merge(orders::routes())
        .merge(order_desk::routes())
        .merge(order_links::routes())
        .merge(payment_links::routes())
        .merge(receipts::routes())
        .merge(refunds::routes())
        .merge(gateways::routes())
        .merge(transactions::routes())
        .merge(subscriptions::routes())
        .merge(carts::routes())
        .merge(cart::routes())
        .merge(cart_attribution::routes())
        .merge(cart_codes::routes())
        .merge(cart_shipping::routes())
        .merge(checkout_links::routes())
        .merge(checkout_now::routes())
        .merge(attribution_report::routes())
        .merge(messages::routes())
        .merge(letters::routes())
        .merge(campaigns::routes())
        .merge(webhooks::routes())
        .merge(hook_deliveries::routes())
        .merge(products::routes())
        .merge(offers::routes())
        .merge(vouchers::routes())
        .merge(shipping_methods::routes())
        .merge(tax_rates::routes())
        .merge(reviews::routes())
        .merge(tickets::routes())
        .merge(ticket_comments::routes())
        .merge(ticket_attachments::routes())
        .merge(audit::routes())
}

/// The routes to get a session by.
pub fn sign_in_routes() -> OpenApiRouter<Gateway> {
    sessions::sign_in_routes().merge(factor::sign_in_routes()).merge(invitations::sign_in_routes())
}
