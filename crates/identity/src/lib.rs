//! Identity knows who calls: stores and networks by their publishable keys, customers and staff by their sessions. It
//! turns what the outside presents into signed assertions that every service verifies itself (ID-30), and owns the
//! credentials behind them. It does not own people: e-mail, phone, name and status are customers'.
pub mod account;
pub mod assertion;
pub mod attempt;
pub mod audit;
pub mod code;
pub mod consumer;
pub mod error;
pub mod factor;
pub mod input;
pub mod lookup;
pub mod membership;
pub mod network;
pub mod password;
pub mod prune;
pub mod reconcile;
pub mod reseal;
pub mod session;
pub mod shop;
pub mod sign_in;
pub mod signing;
pub mod staff;

use kit::{
    page::Pager,
    reads,
    service::{Env, Service, task},
    signature::Signatory,
};
use proto::{
    customers::v1::{
        customer_base_service_client::CustomerBaseServiceClient, customer_service_client::CustomerServiceClient,
        sealing_service_client::SealingServiceClient,
    },
    identity::v1::{
        account_service_server::AccountServiceServer, assertion_service_server::AssertionServiceServer,
        audit_service_server::AuditServiceServer, network_service_server::NetworkServiceServer,
        reconciliation_service_server::ReconciliationServiceServer, staff_service_server::StaffServiceServer,
        staff_session_service_server::StaffSessionServiceServer, store_service_server::StoreServiceServer,
    },
    notifications::v1::message_service_client::MessageServiceClient,
};
use sqlx::migrate::Migrator;

pub use error::Error;

/// Its name, and its schema's.
pub const NAME: &str = "identity";
/// Its tables.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The service on its database.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let (db, clock, secrets, nats) = (env.db(NAME)?, env.clock.clone(), env.secrets.clone(), env.nats());
    let hasher = password::Hasher::default();
    let desk = account::Desk {
        db: db.clone(),
        secrets: secrets.clone(),
        lookup: lookup::Lookup::new(&db, &secrets),
        hasher: hasher.clone(),
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        messages: MessageServiceClient::new(env.peer(NAME, "notifications")?),
    };
    let keyring = signing::Keyring::new(&db, &secrets);
    let accounts = account::grpc::Accounts { desk, clock: clock.clone(), nats: nats.clone() };
    let assertions = assertion::grpc::Assertions { db: db.clone(), clock: clock.clone(), keyring };
    let stores = shop::grpc::Stores { db: db.clone(), clock: clock.clone() };
    let bases = CustomerBaseServiceClient::new(env.peer(NAME, "customers")?);
    let networks = network::grpc::Networks { db: db.clone(), clock: clock.clone(), bases };
    let staff = staff::grpc::StaffMembers {
        db: db.clone(),
        clock: clock.clone(),
        secrets: secrets.clone(),
        hasher: hasher.clone(),
    };
    let sessions = sign_in::grpc::StaffSessions { db: db.clone(), clock: clock.clone(), secrets, hasher, nats };
    let (reads, noting) = reads::kept(&db, &clock);
    let audit = audit::grpc::Audit {
        db: db.clone(),
        pager: Pager::new(&env.secrets),
        signatory: Signatory::new(&env.secrets, audit::checkpoint::PURPOSE),
        sealing: SealingServiceClient::new(env.peer(NAME, "customers")?),
        reads,
    };
    let signed = (db.clone(), env.secrets.clone(), clock.clone());
    let pruned = (db.clone(), clock);
    Ok(Service::new(NAME)
        .database(env, &db)
        .rpc(AccountServiceServer::new(accounts))
        .rpc(AssertionServiceServer::new(assertions))
        .rpc(StoreServiceServer::new(stores))
        .rpc(NetworkServiceServer::new(networks))
        .rpc(StaffServiceServer::new(staff))
        .rpc(ReconciliationServiceServer::new(reconcile::Reconciliation { db: db.clone() }))
        .rpc(StaffSessionServiceServer::new(sessions))
        .rpc(AuditServiceServer::new(audit))
        .consumer(env, &db, consumer::Events)
        .task(noting)
        .task(task(move |stop| audit::checkpoint::run(signed.0.clone(), signed.1.clone(), signed.2.clone(), stop)))
        .task(task(move |stop| prune::run(pruned.0.clone(), pruned.1.clone(), stop))))
}
