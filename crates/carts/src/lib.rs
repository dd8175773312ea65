//! Carts owns what shoppers are about to buy: lines, whose they are, and the way from open to closed (CA-2).
//!
//! An open cart has no price of its own: each answer is computed from the catalog's prices of that moment (CA-4). A
//! closed one stays as it was bought.
pub mod access;
pub mod attribution;
pub mod cart;
pub mod catalog;
pub mod change;
pub mod close;
pub mod code;
pub mod consumer;
pub mod contact;
pub mod erasure;
pub mod error;
pub mod gift;
pub mod grpc;
pub mod guest;
pub mod holder;
pub mod holdings;
pub mod idle;
pub mod link;
pub mod list;
pub mod merge;
pub mod name;
pub mod offer;
pub mod open;
pub mod owner;
pub mod personal_data;
pub mod priced;
pub mod pricing;
pub mod promotions;
pub mod quantity;
pub mod reconcile;
pub mod rows;
pub mod ship;
pub mod store;
pub mod tariff;
pub mod view;
pub mod wish;

use std::sync::Arc;

use ::holdings::work::{self, Work};
use kit::{
    Db,
    page::Pager,
    reads,
    service::{Env, Service, task},
    stores::Stores,
};
use proto::{
    carts::v1::{
        cart_service_server::CartServiceServer, checkout_link_service_server::CheckoutLinkServiceServer,
        guest_cart_service_server::GuestCartServiceServer, personal_data_service_server::PersonalDataServiceServer,
        reconciliation_service_server::ReconciliationServiceServer, rows_service_server::RowsServiceServer,
        wish_service_server::WishServiceServer,
    },
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
        catalog: catalog::Catalog::new(env.peer(NAME, "catalog")?, stores.clone()),
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        colleagues: attribution::Colleagues::new(env.peer(NAME, "identity")?),
        stores,
        reads,
    };
    let carts = Arc::new(carts);
    let (clock, customers) = (env.clock.clone(), env.peer(NAME, "customers")?);
    let erasures = Work { db: db.clone(), clock, customers, forgetter: erasure::Erasure };
    let sweeper = sweeper(env, &db)?;
    let wishes = wish::grpc::Wishes {
        db: db.clone(),
        clock: env.clock.clone(),
        catalog: carts.catalog.clone(),
        customers: carts.customers.clone(),
    };
    let links = link::grpc::Links { db: db.clone(), clock: env.clock.clone(), post: post(env)? };
    let reconciliation = reconcile::Reconciliation { db: db.clone(), clock: env.clock.clone() };
    Ok(Service::new(NAME)
        .database(env, &db)
        .rpc(CartServiceServer::from_arc(Arc::clone(&carts)))
        .rpc(RowsServiceServer::new(rows::grpc::Rows { carts: Arc::clone(&carts) }))
        .rpc(GuestCartServiceServer::new(guest::grpc::Guests { carts }))
        .rpc(CheckoutLinkServiceServer::new(links))
        .rpc(WishServiceServer::new(wishes))
        .rpc(ReconciliationServiceServer::new(reconciliation))
        .rpc(PersonalDataServiceServer::new(personal_data::Personal { db: db.clone(), clock: env.clock.clone() }))
        .consumer(env, &db, consumer::Events { clock: env.clock.clone() })
        .task(noting)
        .task(task(move |stop| sweeper.clone().run(stop)))
        .task(work::task(erasures)))
}

/// How links travel.
fn post(env: &Env) -> anyhow::Result<link::post::Post> {
    Ok(link::post::Post {
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        messages: MessageServiceClient::new(env.peer(NAME, "notifications")?),
        public: env.settings.public(),
    })
}

/// Who looks at the carts that nobody touches.
pub fn sweeper(env: &Env, db: &Db) -> anyhow::Result<idle::Sweeper> {
    let reminders = idle::Reminders { db: db.clone(), post: post(env)?, secrets: env.secrets.clone() };
    Ok(idle::Sweeper { db: db.clone(), clock: env.clock.clone(), reminders })
}
