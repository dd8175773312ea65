//! Identity knows who calls: stores and networks by their publishable keys, customers and staff by their sessions. It
//! turns what the outside presents into signed assertions that every service verifies itself (ID-30), and owns the
//! credentials behind them. It does not own people: e-mail, phone, name and status are customers'.
pub mod account;
pub mod assertion;
pub mod attempt;
pub mod closure;
pub mod code;
pub mod code_sign_in;
pub mod contact;
pub mod device;
pub mod error;
pub mod factor;
pub mod input;
pub mod lookup;
pub mod magic_link;
pub mod membership;
pub mod network;
pub mod password;
pub mod provider;
pub mod prune;
pub mod reconcile;
pub mod reseal;
pub mod session;
pub mod shop;
pub mod shopper;
pub mod sign_in;
pub mod signing;
pub mod staff;

use kit::service::{Env, Service, task};
use proto::{
    customers::v1::{
        customer_base_service_client::CustomerBaseServiceClient, customer_service_client::CustomerServiceClient,
        person_service_client::PersonServiceClient,
    },
    identity::v1::{
        account_service_server::AccountServiceServer, assertion_service_server::AssertionServiceServer,
        closure_service_server::ClosureServiceServer, code_sign_in_service_server::CodeSignInServiceServer,
        contact_service_server::ContactServiceServer, customer_session_service_server::CustomerSessionServiceServer,
        device_service_server::DeviceServiceServer, magic_link_service_server::MagicLinkServiceServer,
        network_service_server::NetworkServiceServer, password_service_server::PasswordServiceServer,
        provider_service_server::ProviderServiceServer, reconciliation_service_server::ReconciliationServiceServer,
        shopper_service_server::ShopperServiceServer, staff_service_server::StaffServiceServer,
        staff_session_service_server::StaffSessionServiceServer, store_service_server::StoreServiceServer,
    },
    notifications::v1::{channel_service_client::ChannelServiceClient, message_service_client::MessageServiceClient},
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
        clock: clock.clone(),
        nats: nats.clone(),
        public: env.settings.public(),
        secrets: secrets.clone(),
        lookup: lookup::Lookup::new(&db, &secrets),
        hasher: hasher.clone(),
        limits: attempt::Limits::new(&env.settings),
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        persons: PersonServiceClient::new(env.peer(NAME, "customers")?),
        messages: MessageServiceClient::new(env.peer(NAME, "notifications")?),
        channels: ChannelServiceClient::new(env.peer(NAME, "notifications")?),
    };
    let keyring = signing::Keyring::new(&db, &secrets);
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
    let sessions = sign_in::grpc::StaffSessions {
        db: db.clone(),
        clock: clock.clone(),
        secrets,
        hasher,
        limits: attempt::Limits::new(&env.settings),
        nats,
    };
    let pruned = (db.clone(), clock);
    Ok(Service::new(NAME)
        .database(env, &db)
        .rpc(AccountServiceServer::new(account::grpc::Accounts { desk: desk.clone() }))
        .rpc(CodeSignInServiceServer::new(code_sign_in::grpc::CodeSignIns { desk: desk.clone() }))
        .rpc(PasswordServiceServer::new(password::grpc::Passwords { desk: desk.clone() }))
        .rpc(ContactServiceServer::new(contact::grpc::Contacts { desk: desk.clone() }))
        .rpc(CustomerSessionServiceServer::new(session::grpc::CustomerSessions { desk: desk.clone() }))
        .rpc(DeviceServiceServer::new(device::grpc::Devices { desk: desk.clone() }))
        .rpc(ClosureServiceServer::new(closure::grpc::Closures { desk: desk.clone() }))
        .rpc(ProviderServiceServer::new(provider::grpc::ProviderSignIns {
            desk: desk.clone(),
            providers: provider::Providers::new(&env.settings.providers, &env.clock)?,
        }))
        .rpc(MagicLinkServiceServer::new(magic_link::grpc::MagicLinks { desk: desk.clone() }))
        .rpc(ShopperServiceServer::new(shopper::grpc::Shoppers { desk }))
        .rpc(AssertionServiceServer::new(assertions))
        .rpc(StoreServiceServer::new(stores))
        .rpc(NetworkServiceServer::new(networks))
        .rpc(StaffServiceServer::new(staff))
        .rpc(ReconciliationServiceServer::new(reconcile::Reconciliation { db: db.clone() }))
        .rpc(StaffSessionServiceServer::new(sessions))
        .task(task(move |stop| prune::run(pruned.0.clone(), pruned.1.clone(), stop))))
}
