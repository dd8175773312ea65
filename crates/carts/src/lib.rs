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
pub mod erasure;
pub mod error;
pub mod grpc;
pub mod holdings;
pub mod link;
pub mod list;
pub mod merge;
pub mod name;
pub mod offer;
pub mod open;
pub mod personal_data;
pub mod quantity;
pub mod reconcile;
pub mod store;
pub mod view;
pub mod wish;

use ::holdings::work::{self, Work};
use kit::{
    page::Pager,
    reads,
    service::{Env, Service},
    stores::Stores,
};
use proto::{
    carts::v1::{
        cart_service_server::CartServiceServer, checkout_link_service_server::CheckoutLinkServiceServer,
        personal_data_service_server::PersonalDataServiceServer,
        reconciliation_service_server::ReconciliationServiceServer, wish_service_server::WishServiceServer,
    },
    catalog::v1::product_service_client::ProductServiceClient,
    customers::v1::customer_service_client::CustomerServiceClient,
    notifications::v1::message_service_client::MessageServiceClient,
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
    let (clock, customers) = (env.clock.clone(), env.peer(NAME, "customers")?);
    let erasures = Work { db: db.clone(), clock, customers, forgetter: erasure::Erasure };
    let post = link::post::Post {
        customers: carts.customers.clone(),
        messages: MessageServiceClient::new(env.peer(NAME, "notifications")?),
        public: env.settings.public(),
    };
    let wishes = wish::grpc::Wishes {
        db: db.clone(),
        clock: env.clock.clone(),
        catalog: carts.catalog.clone(),
        customers: carts.customers.clone(),
    };
    let links = link::grpc::Links { db: db.clone(), clock: env.clock.clone(), post };
    let reconciliation = reconcile::Reconciliation { db: db.clone(), clock: env.clock.clone() };
    Ok(Service::new(NAME)
        .database(env, &db)
        .rpc(CartServiceServer::new(carts))
        .rpc(CheckoutLinkServiceServer::new(links))
        .rpc(WishServiceServer::new(wishes))
        .rpc(ReconciliationServiceServer::new(reconciliation))
        .rpc(PersonalDataServiceServer::new(personal_data::Personal { db: db.clone(), clock: env.clock.clone() }))
        .consumer(env, &db, consumer::Events { clock: env.clock.clone() })
        .task(noting)
        .task(work::task(erasures)))
}
