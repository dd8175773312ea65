//! Carts owns what shoppers are about to buy: lines, whose they are, and the way from open to closed (CA-2).
//!
//! An open cart has no price of its own: each answer is computed from the catalog's prices of that moment (CA-4). A
//! closed one stays as it was bought.
pub mod access;
pub mod cart;
pub mod catalog;
pub mod change;
pub mod close;
pub mod consumer;
pub mod contact;
pub mod error;
pub mod grpc;
pub mod list;
pub mod merge;
pub mod name;
pub mod offer;
pub mod open;
pub mod quantity;
pub mod reconcile;
pub mod store;
pub mod view;

use kit::{
    page::Pager,
    reads,
    service::{Env, Service},
    stores::Stores,
};
use proto::{
    carts::v1::{cart_service_server::CartServiceServer, reconciliation_service_server::ReconciliationServiceServer},
    catalog::v1::product_service_client::ProductServiceClient,
    customers::v1::customer_service_client::CustomerServiceClient,
};
use sqlx::migrate::Migrator;

pub use error::Error;

/// Its name, and its schema's.
pub const NAME: &str = "carts";
/// Its tables.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The service on its database, with its ways to catalog, customers and identity.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let db = env.db(NAME)?;
    let stores = Stores::new(env.peer(NAME, "identity")?);
    let (reads, noting) = reads::kept(&db, &env.clock);
    let carts = grpc::Carts {
        db: db.clone(),
        clock: env.clock.clone(),
        pager: Pager::new(&env.secrets),
        catalog: catalog::Catalog::new(ProductServiceClient::new(env.peer(NAME, "catalog")?), stores.clone()),
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        stores,
        reads,
    };
    let reconciliation = reconcile::Reconciliation { db: db.clone(), clock: env.clock.clone() };
    Ok(Service::new(NAME)
        .database(env, &db)
        .rpc(CartServiceServer::new(carts))
        .rpc(ReconciliationServiceServer::new(reconciliation))
        .consumer(env, &db, consumer::Events { clock: env.clock.clone() })
        .task(noting))
}
