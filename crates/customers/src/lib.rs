//! Customers owns who the people are: one record per person and realm, unique by canonical e-mail (CU-1, CU-2), with
//! the figures that order, payment and review events add up to. Personal data is masked here, before it leaves.
mod activity;
pub mod consumer;
pub mod customer;
pub mod error;
mod fields;
pub mod key;
pub mod list;
pub mod reconciliation;
pub mod reseal;
mod shops;

use kit::{
    page::Pager,
    reads,
    service::{Env, Service},
};
use proto::customers::v1::{
    customer_base_service_server::CustomerBaseServiceServer, customer_service_server::CustomerServiceServer,
    person_service_server::PersonServiceServer, reconciliation_service_server::ReconciliationServiceServer,
    sealing_service_server::SealingServiceServer,
};
use sqlx::migrate::Migrator;

pub use error::Error;

/// Its name, and its schema's.
pub const NAME: &str = "customers";
/// Its tables.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The service on its database.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let db = env.db(NAME)?;
    let keys = key::Keys::new(&env.secrets);
    let (reads, noting) = reads::kept(&db, &env.clock);
    let customers = customer::grpc::Customers {
        db: db.clone(),
        clock: env.clock.clone(),
        pager: Pager::new(&env.secrets),
        shops: shops::Shops::new(&env.peer(NAME, "identity")?),
        reads,
        keys: keys.clone(),
    };
    let sealing = key::grpc::Sealing { db: db.clone(), clock: env.clock.clone(), keys };
    let bases = customer::base::CustomerBases { db: db.clone() };
    let reconciliation = reconciliation::grpc::Reconciliation { db: db.clone(), clock: env.clock.clone() };
    Ok(Service::new(NAME)
        .database(env, &db)
        .rpc(CustomerServiceServer::new(customers))
        .rpc(CustomerBaseServiceServer::new(bases))
        .rpc(SealingServiceServer::new(sealing))
        .rpc(PersonServiceServer::new(customer::person::Persons { db: db.clone(), clock: env.clock.clone() }))
        .rpc(ReconciliationServiceServer::new(reconciliation))
        .task(noting)
        .consumer(env, &db, consumer::Events::new(&env.clock)))
}
