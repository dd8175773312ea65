//! The staff console: pages under `/console`, rendered here, put together from what the services answer to the staff
//! member who asks; and the hosted pages that shoppers are sent to. No state but a minute of sessions, no business rule:
//! a page shows what its reader may see, as the services tell it (ID-23, ID-30).
use kit::service::{Env, Service};

mod account;
mod assets;
mod audit;
mod carts;
mod catalog;
mod checkout;
mod console;
mod cookies;
mod customers;
mod entrance;
mod frame;
mod guard;
mod hosted;
mod letters;
mod orders;
mod part;
mod portal;
mod problem;
mod rate;
mod routes;
mod show;
mod staff;
mod subscriptions;
mod team;
mod theme;
mod tickets;
mod visit;

/// The service's name.
pub const NAME: &str = "console";

/// The console with all its routes.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let console = console::Console::new(env)?;
    let sessions = console.sessions.clone();
    let (nats, addresses) = (env.nats(), console.addresses.clone());
    let service = Service { http: Some(routes::routes(&console)), ..Service::new(NAME) };
    Ok(service
        .task(kit::service::task(move |stop| staff::forget_revoked(sessions.clone(), nats.clone(), stop)))
        .task(kit::service::task(move |stop| addresses.clone().sweep(stop))))
}
