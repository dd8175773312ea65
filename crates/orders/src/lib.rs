//! The orders service: owns checkouts, orders, payments and the ledger. It promises that one cart makes one order,
//! that the price shown is the price charged, and that a payment is finished or undone, never lost or doubled.
pub mod checkout;
mod columns;
pub mod consumer;
pub mod erasure;
pub mod error;
pub mod holdings;
pub mod merge;
pub mod order;
pub mod payment;
pub mod personal_data;
pub mod reconciliation;
pub mod transaction;

use ::holdings::work::{self, Work};
use kit::{
    blocks::Blocks,
    page::Pager,
    reads,
    service::{Env, Service, task},
};
use proto::{
    carts::v1::cart_service_client::CartServiceClient,
    customers::v1::customer_service_client::CustomerServiceClient,
    orders::v1::{
        checkout_service_server::CheckoutServiceServer, order_service_server::OrderServiceServer,
        personal_data_service_server::PersonalDataServiceServer,
        reconciliation_service_server::ReconciliationServiceServer,
        test_payment_service_server::TestPaymentServiceServer,
    },
};

use crate::{
    checkout::grpc::Checkouts,
    order::grpc::Orders,
    payment::{Gateways, grpc::TestPayments, reap::Reaper},
    reconciliation::grpc::Reconciliation,
};

/// The tables.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
/// The service's name and schema.
pub const NAME: &str = "orders";

/// The service, built from `env`.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let db = env.db(NAME)?;
    let (clock, secrets) = (env.clock.clone(), env.secrets.clone());
    let gateways = Gateways::new(db.pool(), &secrets, &env.settings.public());
    let checkouts = Checkouts {
        db: db.clone(),
        clock: clock.clone(),
        carts: CartServiceClient::new(env.peer(NAME, "carts")?),
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        gateways: gateways.clone(),
        blocks: Blocks::new(env.peer(NAME, "identity")?),
    };
    let (reads, noting) = reads::kept(&db, &clock);
    let orders = Orders { db: db.clone(), pager: Pager::new(&secrets), reads };
    let payments = TestPayments { db: db.clone(), clock: clock.clone(), secrets, gateways: gateways.clone() };
    let reconciliation = Reconciliation { db: db.clone(), clock: clock.clone() };
    let personal = personal_data::Personal { db: db.clone(), clock: clock.clone() };
    let events = consumer::Events { clock: clock.clone() };
    let customers = env.peer(NAME, "customers")?;
    let erasures = Work { db: db.clone(), clock: clock.clone(), customers, forgetter: erasure::Erasure };
    let reaper = Reaper { db: db.clone(), clock: clock.clone(), gateways };
    Ok(Service::new(NAME)
        .database(env, &db)
        .rpc(CheckoutServiceServer::new(checkouts))
        .rpc(OrderServiceServer::new(orders))
        .rpc(TestPaymentServiceServer::new(payments))
        .rpc(ReconciliationServiceServer::new(reconciliation))
        .rpc(PersonalDataServiceServer::new(personal))
        .consumer(env, &db, events)
        .task(noting)
        .task(work::task(erasures))
        .task(task(move |stop| checkout::store::forget(db.clone(), clock.clone(), stop)))
        .task(task(move |stop| reaper.clone().reap(stop))))
}
