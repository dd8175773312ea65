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
    account, assets, audit, carts, catalog, checkout, console::Console, customers, entrance, hosted, letters, orders,
    portal, problem::Problem, rate, subscriptions, team, theme, tickets, visit,
};

/// The largest form, in bytes: 5 000 letters of any script and 16 KiB of further data, as forms spell them.
const FORM: usize = 128 * 1024;

/// The routes of all pages and files.
pub fn routes(console: &Console) -> Router {
    let pages = Router::new()
        .route("/console", get(|| async { Redirect::to("/console/customers") }))
        .route("/console/sign-in", get(entrance::show).post(entrance::sign_in))
        .route("/console/sign-in/code", get(entrance::ask_code).post(entrance::verify_code))
        .route("/console/sign-out", post(entrance::sign_out))
        .route("/console/invitation", get(entrance::show_invitation).post(entrance::accept_invitation))
        .merge(team_pages())
        .route("/console/store", post(entrance::choose_store))
        .route("/console/theme", post(theme::choose))
        .route("/console/customers", get(customers::list))
        .merge(list_pages())
        .merge(cart_pages())
        .merge(customer_pages())
        .merge(ticket_pages())
        .merge(letter_pages())
        .merge(catalog_pages())
        .merge(order_pages())
        .route("/console/audit", get(audit::list))
        .route("/console/audit/verify", get(audit::verify))
        .route("/console/audit/access", get(audit::access))
        .route("/console/", get(|| async { Redirect::to("/console/customers") }))
        .route("/console/{*rest}", get(|| async { Problem::not_found() }))
        .layer(CatchPanicLayer::new())
        .layer(DefaultBodyLimit::max(FORM))
        .layer(middleware::from_fn_with_state(console.clone(), visit::receive))
        .with_state(console.clone());
    let all = pages.merge(hosted_pages(console)).merge(assets::routes());
    all.layer(middleware::from_fn_with_state(console.clone(), rate::limit))
}

/// Who works here, and what staff members look after themselves.
fn team_pages() -> Router<Console> {
    Router::new()
        .route("/console/account", get(account::show))
        .route("/console/account/confirm", get(account::ask).post(account::prove))
        .route("/console/account/authenticator", post(account::begin))
        .route("/console/account/authenticator/confirm", post(account::complete))
        .route("/console/account/recovery-codes", post(account::renew_codes))
        .route("/console/account/sessions/end", post(account::end_one))
        .route("/console/account/sessions/end-all", post(account::end_all))
        .route("/console/team", get(team::list_members))
        .route("/console/team/change", post(team::change_member))
        .route("/console/team/remove", post(team::remove_member))
        .route("/console/team/invite", post(team::invite))
        .route("/console/team/take-back", post(team::take_back))
        .route("/console/team/roles", get(team::list_roles).post(team::make_role))
        .route("/console/team/roles/drop", post(team::drop_role))
        .route("/console/team/keys", get(team::list_keys).post(team::make_key))
        .route("/console/team/keys/revoke", post(team::revoke_key))
        .route("/console/team/webhooks", get(team::list_webhooks).post(team::make_webhook))
        .route("/console/team/webhooks/{id}", get(team::show_webhook).post(team::manage_webhook))
        .route("/console/team/gateways", get(team::list_gateways))
        .route("/console/team/gateways/{gateway}", post(team::set_gateway))
        .route("/console/team/blocks", get(team::list_blocks).post(team::add_block))
        .route("/console/team/blocks/drop", post(team::drop_block))
        .route("/console/customers/{id}/impersonate", get(customers::ask_why).post(customers::impersonate))
        .route("/console/impersonations/end", post(customers::end_impersonation))
}

/// The pages about lists of customers.
fn list_pages() -> Router<Console> {
    Router::new()
        .route("/console/customers/segments", get(customers::list_segments).post(customers::save_segment))
        .route("/console/customers/segments/drop", post(customers::drop_segment))
        .route("/console/customers/bulk", post(customers::change_many))
        .route("/console/customers/bulk/ask", post(customers::ask_bulk))
        .route("/console/customers/accounts", get(customers::show_accounts))
        .route("/console/customers/accounts/run", post(customers::audit_accounts))
        .route("/console/customers/accounts/schedule", post(customers::schedule_audits))
        .route("/console/customers/accounts/ask", post(customers::ask_cleanup))
        .route("/console/customers/accounts/clean", post(customers::clean_accounts))
        .route("/console/jobs/{id}", get(customers::show_job))
        .route("/console/jobs/{id}/cancel", post(customers::cancel_job))
        .route("/console/jobs/{id}/report", get(customers::job_report))
        .route("/console/customers/exports", get(customers::list_exports).post(customers::ask_export))
        .route("/console/customers/exports/another", post(customers::ask_another_export))
        .route("/console/customers/imports", get(customers::list_imports).post(customers::upload_import))
        .route("/console/customers/imports/{id}", get(customers::show_import).post(customers::check_import))
        .route("/console/customers/imports/{id}/start", post(customers::start_import))
        .route("/console/customers/imports/{id}/cancel", post(customers::cancel_import))
        .route("/console/customers/imports/{id}/report", get(customers::import_report))
        .route("/console/customers/retention", get(customers::show_retention))
}

/// The pages about open carts.
fn cart_pages() -> Router<Console> {
    Router::new()
        .route("/console/carts", get(customers::open_carts))
        .route("/console/carts/export", post(customers::export_carts))
        .route("/console/customers/{id}/carts", post(carts::open))
        .route("/console/carts/{id}", get(carts::show))
        .route("/console/carts/{id}/items", post(carts::add))
        .route("/console/carts/{id}/items/{line}", post(carts::change))
        .route("/console/carts/{id}/codes", post(carts::enter_code))
        .route("/console/carts/{id}/shipping", post(carts::ship))
        .route("/console/carts/{id}/attribution", post(carts::attribute))
        .route("/console/carts/{id}/links", post(carts::make_link))
        .route("/console/carts/{id}/links/{link}/revoke", post(carts::revoke_link))
        .route("/console/carts/{id}/checkout-now", get(checkout::show_now).post(checkout::pay_now))
}

/// The pages about one customer.
fn customer_pages() -> Router<Console> {
    Router::new()
        .route("/console/customers/new", get(customers::start).post(customers::make))
        .route("/console/customers/duplicates", get(customers::list_duplicates))
        .route("/console/customers/{id}", get(customers::profile))
        .route("/console/customers/{id}/merge", get(customers::compare).post(customers::merge_customers))
        .route("/console/customers/{id}/merge/{job}", get(customers::merge_progress))
        .route("/console/customers/{id}/edit", get(customers::edit).post(customers::change))
        .route("/console/customers/{id}/tags", post(customers::change_tags))
        .route("/console/customers/{id}/photo", post(customers::put_photo))
        .route("/console/customers/{id}/photo/remove", post(customers::remove_photo))
        .route("/console/customers/{id}/standing", get(customers::ask_standing).post(customers::set_standing))
        .route("/console/customers/{id}/erase", get(customers::ask_erasure).post(customers::erase))
        .route("/console/customers/{id}/data", post(customers::export_data))
        .route("/console/erasures/{job}", get(customers::erasure_progress))
        .route("/console/customers/{id}/timeline", get(customers::list_timeline))
        .route("/console/customers/{id}/notes", get(customers::list_notes).post(customers::add_note))
        .route("/console/customers/{id}/notes/edit", post(customers::edit_note))
        .route("/console/customers/{id}/addresses", get(customers::list_addresses).post(customers::save_address))
        .route("/console/customers/{id}/addresses/delete", post(customers::delete_address))
        .route("/console/customers/{id}/consents", get(customers::show_consents).post(customers::record_consents))
        .route("/console/customers/{id}/purchases", get(customers::show_purchases))
        .route("/console/customers/{id}/library", get(customers::show_library).post(customers::change_library))
        .route("/console/customers/{id}/sign-in", get(customers::show_sign_in).post(customers::manage_sign_in))
}

/// The pages about what is sold.
fn catalog_pages() -> Router<Console> {
    Router::new()
        .route("/console/products", get(catalog::list))
        .route("/console/products/new", get(catalog::start).post(catalog::make))
        .route("/console/products/promotions/{kind}", get(catalog::list_promotions).post(catalog::manage_promotions))
        .route("/console/products/shipping", get(catalog::list_shipping).post(catalog::manage_shipping))
        .route("/console/products/taxes", get(catalog::list_taxes).post(catalog::manage_taxes))
        .route("/console/products/{id}/files", post(catalog::add_file))
        .route("/console/products/{id}/files/change", post(catalog::change_file))
        .route("/console/products/{id}", get(catalog::show).post(catalog::change))
}

/// The pages about orders and subscriptions.
fn order_pages() -> Router<Console> {
    Router::new()
        .route("/console/orders", get(orders::list))
        .route("/console/orders/export", post(orders::export))
        .route("/console/orders/attribution", get(orders::show_attribution))
        .route("/console/transactions", get(orders::transactions))
        .route("/console/transactions/export", post(orders::export_transactions))
        .route("/console/orders/{id}", get(orders::detail))
        .route("/console/orders/{id}/receipts/{receipt}/{format}", get(orders::receipts::receipt))
        .route("/console/orders/{id}/edit", post(orders::edit))
        .route("/console/orders/{id}/links", post(orders::make_link))
        .route("/console/orders/{id}/links/{link}/revoke", post(orders::revoke_link))
        .route("/console/orders/{id}/payment-links", post(orders::make_payment_link))
        .route("/console/orders/{id}/payment-links/{link}/revoke", post(orders::revoke_payment_link))
        .route("/console/orders/{id}/fulfil", post(orders::fulfil))
        .route("/console/orders/{id}/mark-paid", post(orders::mark_paid))
        .route("/console/orders/{id}/cancel", post(orders::cancel))
        .route("/console/orders/{id}/refund", post(orders::refund))
        .route("/console/subscriptions", get(subscriptions::list))
        .route("/console/subscriptions/export", post(subscriptions::export))
        .route("/console/subscriptions/{id}", get(subscriptions::detail))
        .route("/console/subscriptions/{id}/{act}", post(subscriptions::act))
}

/// The pages about support tickets.
fn ticket_pages() -> Router<Console> {
    Router::new()
        .route("/console/tickets", get(tickets::list))
        .route("/console/tickets/{id}", get(tickets::show))
        .route("/console/tickets/{id}/comments", post(tickets::write))
        .route("/console/tickets/{id}/attachments/{attachment}", get(tickets::read))
        .route("/console/tickets/{id}/change", post(tickets::change))
        .route("/console/tickets/{id}/follow-up", post(tickets::follow_up))
        .route("/console/customers/{id}/tickets", get(tickets::list_of_customer).post(tickets::open))
}

/// The pages about what staff write themselves.
fn letter_pages() -> Router<Console> {
    Router::new()
        .route("/console/customers/{id}/messages", get(letters::list_messages).post(letters::write_letter))
        .route("/console/campaigns", get(letters::list_campaigns))
        .route("/console/campaigns/new", get(letters::start_campaign).post(letters::begin_campaign))
        .route("/console/campaigns/suppressed", get(letters::list_suppressions).post(letters::lift_suppression))
        .route("/console/campaigns/{id}", get(letters::show_campaign))
        .route("/console/campaigns/{id}/cancel", post(letters::cancel_campaign))
}

/// Pages that shoppers are sent to. A staff session means nothing here.
fn hosted_pages(console: &Console) -> Router {
    Router::new()
        .route("/pay/test/{secret}", get(hosted::show).post(hosted::decide))
        .route("/pay/link/{secret}", get(hosted::show_bill).post(hosted::pay_bill))
        .route("/order/{secret}", get(hosted::show_order))
        .route(visit::UNSUBSCRIBE, get(hosted::show_opt_out).post(hosted::opt_out))
        .route("/checkout", get(checkout::show).post(checkout::pay))
        .route("/checkout/{token}", get(checkout::show_link).post(checkout::follow))
        .route("/account", get(portal::home).post(portal::ask))
        .route("/account/link/{token}", get(portal::show).post(portal::follow))
        .route("/account/tickets", get(portal::list_tickets).post(portal::open_ticket))
        .route("/account/tickets/{id}", get(portal::show_ticket).post(portal::reply))
        .route("/account/tickets/{id}/attachments/{attachment}", get(portal::read_file))
        .route("/account/orders", get(portal::list_orders))
        .route("/account/orders/{id}", get(portal::show_order))
        .route("/account/orders/{id}/pay", post(portal::pay_order))
        .route("/account/orders/{id}/receipts/{receipt}/{format}", get(portal::receipt))
        .route("/account/library", get(portal::list_library).post(portal::download))
        .route("/account/subscriptions", get(portal::list_subscriptions))
        .route("/account/subscriptions/{id}/{act}", post(portal::act_on_subscription))
        .route("/account/sign-out", post(portal::sign_out))
        .route("/account/", get(|| async { Redirect::to("/account") }))
        .route("/pay/{*rest}", get(|| async { Problem::no_page() }))
        .layer(CatchPanicLayer::new())
        .layer(DefaultBodyLimit::max(FORM))
        .layer(middleware::from_fn_with_state(console.clone(), visit::receive_shopper))
        .with_state(console.clone())
}
