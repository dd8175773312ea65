//! The gateway: the public HTTP API of the house. It finds out who asks, keeps the conventions that hold on every
//! route, and puts answers of several services together. It owns no data and decides no rule of the trade.
mod account;
mod admin;
mod answer;
mod attachments;
mod caller;
mod credentials;
mod doc;
mod files;
mod front;
mod goods;
mod hooks;
mod peers;
mod photos;
mod problem;
mod receipts;
mod request;
mod router;
mod shape;
mod storefront;
mod well_known;

use kit::service::{Env, Service, task};

pub use doc::openapi;

/// Its name.
pub const NAME: &str = "gateway";

/// The service: HTTP routes, and the tasks that keep its memory current.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let gateway = router::Gateway::new(env)?;
    let rates = front::rate::Rates::new(&env.settings);
    let (desk, nats, swept) = (gateway.desk.clone(), env.nats(), rates.clone());
    let mut service = Service::new(NAME)
        .task(task(move |stop| credentials::hear_revocations(desk.clone(), nats.clone(), stop)))
        .task(task(move |stop| swept.clone().sweep(stop)));
    service.http = Some(router::router(gateway, rates));
    Ok(service)
}
