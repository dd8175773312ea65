//! The console with stand-ins for the services it asks: a shop of two stores with sample people, orders and carts.
#![allow(dead_code, unused_imports, reason = "test and preview use different parts")]
mod auditor;
mod browser;
mod identity;
mod links;
mod payments;
mod people;
mod sales;

use axum::Router;
use kit::{
    clock::Clock,
    service::{Env, Service},
};
use proto::{
    carts::v1::cart_service_server::CartServiceServer,
    customers::v1::customer_service_server::CustomerServiceServer,
    identity::v1::{
        assertion_service_server::AssertionServiceServer, audit_service_server::AuditServiceServer,
        staff_service_server::StaffServiceServer, staff_session_service_server::StaffSessionServiceServer,
        store_service_server::StoreServiceServer,
    },
    notifications::v1::message_service_server::MessageServiceServer,
    orders::v1::{
        order_link_service_server::OrderLinkServiceServer, order_service_server::OrderServiceServer,
        test_payment_service_server::TestPaymentServiceServer,
    },
};
use testing::Actors;

pub use browser::{Browser, Page};
pub use identity::{CODE, Identity, PASSWORD, STORES};
pub use links::{LINKED, Links};
pub use payments::{PAGE, Payments};
pub use people::People;
pub use sales::{CART, Sales};

/// Services that can be left away, to see how pages do without.
pub const PEERS: [&str; 7] = ["identity", "customers", "orders", "carts", "notifications", "catalog", "reviews"];

/// The reverse proxy that the console believes.
pub const PROXY: &str = "198.51.100.7";

/// The console's routes, in front of stand-ins for the services but for those named in `away`.
pub async fn console(away: &[&str]) -> anyhow::Result<(Router, Identity)> {
    let clock = Clock::manual("2026-03-02T12:00:00Z".parse()?);
    let mut settings = testing::rig::settings("postgres://nobody@127.0.0.1:9/none", "nats://127.0.0.1:9");
    (settings.login_burst, settings.login_rate) = (10, 10);
    settings.trusted_proxies = vec![PROXY.to_owned()];
    let env = Env::new(settings, clock.clone(), &PEERS).await?;
    let identity = Identity::new(Actors::new(&clock, &env.secrets)?);
    let people = People::new(clock.now());
    let mut services = vec![
        Service::new("identity")
            .rpc(AssertionServiceServer::new(identity.clone()))
            .rpc(StaffServiceServer::new(identity.clone()))
            .rpc(StaffSessionServiceServer::new(identity.clone()))
            .rpc(StoreServiceServer::new(identity.clone()))
            .rpc(AuditServiceServer::new(auditor::Auditor)),
        Service::new("customers").rpc(CustomerServiceServer::new(people)),
        Service::new("orders")
            .rpc(OrderServiceServer::new(Sales))
            .rpc(OrderLinkServiceServer::new(Links::default()))
            .rpc(TestPaymentServiceServer::new(Payments::default())),
        Service::new("carts").rpc(CartServiceServer::new(Sales)),
        Service::new("notifications").rpc(MessageServiceServer::new(Sales)),
        // None of these pages asks them anything.
        Service::new("catalog"),
        Service::new("reviews"),
    ];
    services.retain(|service| !away.contains(&service.name));
    let console = console::service(&env)?;
    let _rpcs = env.open(&mut services)?;
    Ok((console.http.expect("the console has pages"), identity))
}

/// Nothing of this id.
#[derive(Debug, thiserror::Error)]
#[error("there is nothing of this id")]
struct Unknown;

impl kit::failure::Failure for Unknown {
    fn code(&self) -> kit::failure::Code {
        kit::failure::Code::NotFound
    }

    fn reason(&self) -> &'static str {
        "not_found"
    }
}
