//! Identity knows who calls: stores and networks by their publishable keys, customers and staff by their sessions. It
//! turns what the outside presents into signed assertions that every service verifies itself (ID-30), and owns the
//! credentials behind them. It does not own people: e-mail, phone, name and status are customers'.
pub mod account;
pub mod api_key;
pub mod assertion;
pub mod attempt;
pub mod audit;
pub mod block;
pub mod checkout_link;
pub mod closure;
pub mod code;
pub mod code_sign_in;
pub mod consumer;
pub mod contact;
pub mod customer_sign_in;
pub mod device;
pub mod erasure;
pub mod error;
pub mod factor;
pub mod holdings;
pub mod impersonation;
pub mod input;
pub mod invitation;
pub mod lookup;
pub mod magic_link;
pub mod membership;
pub mod merge;
pub mod network;
pub mod password;
pub mod personal_data;
pub mod place;
pub mod provider;
pub mod prune;
pub mod reconcile;
pub mod reseal;
pub mod role;
pub mod session;
pub mod shop;
pub mod shopper;
pub mod sign_in;
pub mod signing;
pub mod staff;

use ::holdings::work::{self, Work};
use kit::{
    db::Db,
    page::Pager,
    reads,
    service::{Env, Service, Task, task},
    signature::Signatory,
};
use proto::{
    carts::v1::checkout_link_service_client::CheckoutLinkServiceClient,
    customers::v1::{
        consent_service_client::ConsentServiceClient, customer_base_service_client::CustomerBaseServiceClient,
        customer_service_client::CustomerServiceClient, erasure_service_client::ErasureServiceClient,
        person_service_client::PersonServiceClient, sealing_service_client::SealingServiceClient,
    },
    identity::v1::{
        account_service_server::AccountServiceServer, api_key_service_server::ApiKeyServiceServer,
        assertion_service_server::AssertionServiceServer, audit_service_server::AuditServiceServer,
        block_service_server::BlockServiceServer, checkout_sign_in_service_server::CheckoutSignInServiceServer,
        closure_service_server::ClosureServiceServer, code_sign_in_service_server::CodeSignInServiceServer,
        colleague_service_server::ColleagueServiceServer, contact_service_server::ContactServiceServer,
        customer_session_service_server::CustomerSessionServiceServer,
        customer_sign_in_service_server::CustomerSignInServiceServer, device_service_server::DeviceServiceServer,
        factor_service_server::FactorServiceServer, impersonation_service_server::ImpersonationServiceServer,
        invitation_service_server::InvitationServiceServer, magic_link_service_server::MagicLinkServiceServer,
        member_service_server::MemberServiceServer, network_service_server::NetworkServiceServer,
        own_session_service_server::OwnSessionServiceServer, password_service_server::PasswordServiceServer,
        personal_data_service_server::PersonalDataServiceServer, place_service_server::PlaceServiceServer,
        provider_service_server::ProviderServiceServer, reconciliation_service_server::ReconciliationServiceServer,
        role_service_server::RoleServiceServer, shopper_service_server::ShopperServiceServer,
        staff_service_server::StaffServiceServer, staff_session_service_server::StaffSessionServiceServer,
        store_service_server::StoreServiceServer,
    },
    notifications::v1::{channel_service_client::ChannelServiceClient, message_service_client::MessageServiceClient},
};
use sqlx::migrate::Migrator;

pub use error::Error;

/// Its name, and its schema's.
pub const NAME: &str = "identity";
/// Largest answer about all that is kept of somebody, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;
/// Its tables.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The service on its database.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let (db, clock, secrets) = (env.db(NAME)?, env.clock.clone(), env.secrets.clone());
    let keyring = signing::Keyring::new(&db, &secrets);
    let assertions = assertion::grpc::Assertions { db: db.clone(), clock: clock.clone(), keyring: keyring.clone() };
    let (reads, noting) = reads::kept(&db, &clock);
    let sealing = SealingServiceClient::new(env.peer(NAME, "customers")?);
    let audit = audit::grpc::Audit {
        db: db.clone(),
        clock: clock.clone(),
        pager: Pager::new(&secrets),
        signatory: Signatory::new(&secrets, audit::checkpoint::PURPOSE),
        sealing: sealing.clone(),
        reads,
    };
    let (signed, turns, pruned) = ((db.clone(), secrets, clock.clone()), (keyring, clock.clone()), (db.clone(), clock));
    let (desk, words) = (desk(env, &db)?, audit::words::Words::new(sealing));
    let service = for_customers(Service::new(NAME).database(env, &db), env, &desk)?;
    let service = for_places(for_staff(service, env, (&desk, &words)), env, (&desk, &words))?;
    Ok(service
        .rpc(AssertionServiceServer::new(assertions))
        .rpc(AuditServiceServer::new(audit))
        .rpc(ReconciliationServiceServer::new(reconcile::Reconciliation { db: db.clone() }))
        .rpc(PersonalDataServiceServer::new(personal_data::Personal { db: db.clone(), clock: env.clock.clone() }))
        .consumer(env, &db, consumer::Events { clock: env.clock.clone() })
        .task(noting)
        .task(erasures(env, &db)?)
        .task(task(move |stop| audit::checkpoint::run(signed.0.clone(), signed.1.clone(), signed.2.clone(), stop)))
        .task(task(move |stop| signing::rotate::run(turns.0.clone(), turns.1.clone(), stop)))
        .task(task(move |stop| prune::run(pruned.0.clone(), pruned.1.clone(), stop))))
}

/// What is done when somebody is erased.
fn erasures(env: &Env, db: &Db) -> anyhow::Result<Task> {
    let (clock, customers) = (env.clock.clone(), env.peer(NAME, "customers")?);
    let forgetter = erasure::Erasure { clock: clock.clone(), secrets: env.secrets.clone() };
    Ok(work::task(Work { db: db.clone(), clock, customers, forgetter }))
}

/// What nearly every part of it needs.
fn desk(env: &Env, db: &Db) -> anyhow::Result<account::Desk> {
    Ok(account::Desk {
        db: db.clone(),
        clock: env.clock.clone(),
        nats: env.nats(),
        public: env.settings.public(),
        secrets: env.secrets.clone(),
        lookup: lookup::Lookup::new(db, &env.secrets),
        hasher: password::Hasher::default(),
        limits: attempt::Limits::new(&env.settings),
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        persons: PersonServiceClient::new(env.peer(NAME, "customers")?),
        consents: ConsentServiceClient::new(env.peer(NAME, "customers")?),
        erasures: ErasureServiceClient::new(env.peer(NAME, "customers")?).max_decoding_message_size(LARGEST),
        checkout_links: CheckoutLinkServiceClient::new(env.peer(NAME, "carts")?),
        messages: MessageServiceClient::new(env.peer(NAME, "notifications")?),
        channels: ChannelServiceClient::new(env.peer(NAME, "notifications")?),
    })
}

/// How customers and shoppers come in, and what is theirs.
fn for_customers(service: Service, env: &Env, desk: &account::Desk) -> anyhow::Result<Service> {
    let desk = || desk.clone();
    let providers = provider::Providers::new(&env.settings.providers, &env.clock)?;
    Ok(service
        .rpc(AccountServiceServer::new(account::grpc::Accounts { desk: desk() }))
        .rpc(CodeSignInServiceServer::new(code_sign_in::grpc::CodeSignIns { desk: desk() }))
        .rpc(CheckoutSignInServiceServer::new(checkout_link::grpc::CheckoutSignIns { desk: desk() }))
        .rpc(PasswordServiceServer::new(password::grpc::Passwords { desk: desk() }))
        .rpc(ContactServiceServer::new(contact::grpc::Contacts { desk: desk() }))
        .rpc(CustomerSessionServiceServer::new(session::grpc::CustomerSessions { desk: desk() }))
        .rpc(CustomerSignInServiceServer::new(customer_sign_in::grpc::CustomerSignIns {
            desk: desk(),
            providers: providers.clone(),
        }))
        .rpc(DeviceServiceServer::new(device::grpc::Devices { desk: desk() }))
        .rpc(ClosureServiceServer::new(closure::grpc::Closures { desk: desk() }))
        .rpc(ProviderServiceServer::new(provider::grpc::ProviderSignIns { desk: desk(), providers }))
        .rpc(MagicLinkServiceServer::new(magic_link::grpc::MagicLinks { desk: desk() }))
        .rpc(ShopperServiceServer::new(shopper::grpc::Shoppers { desk: desk() })))
}

/// How staff and keys come in, and what they may.
fn for_staff(service: Service, env: &Env, (desk, words): (&account::Desk, &audit::words::Words)) -> Service {
    let account::Desk { db, clock, nats, secrets, hasher, limits, customers, messages, .. } = desk.clone();
    let (db, clock, nats, secrets, hasher) =
        (|| db.clone(), || clock.clone(), || nats.clone(), || secrets.clone(), || hasher.clone());
    let factors = factor::grpc::Factors { db: db(), clock: clock(), secrets: secrets(), nats: nats() };
    let own_sessions = session::own::OwnSessions {
        db: db(),
        clock: clock(),
        secrets: secrets(),
        hasher: hasher(),
        limits,
        nats: nats(),
    };
    let sessions = sign_in::grpc::StaffSessions {
        db: db(),
        clock: clock(),
        secrets: secrets(),
        hasher: hasher(),
        limits,
        nats: nats(),
    };
    let invitations = invitation::grpc::Invitations {
        db: db(),
        clock: clock(),
        secrets: secrets(),
        hasher: hasher(),
        limits,
        post: invitation::create::Post { messages, public: env.settings.public() },
    };
    let staff = staff::grpc::StaffMembers { db: db(), clock: clock(), secrets: secrets(), hasher: hasher() };
    let api_keys = api_key::grpc::ApiKeys { db: db(), clock: clock(), nats: nats() };
    let impersonations =
        impersonation::grpc::Impersonations { db: db(), clock: clock(), customers, words: words.clone(), nats: nats() };
    service
        .rpc(StaffServiceServer::new(staff))
        .rpc(ApiKeyServiceServer::new(api_keys))
        .rpc(RoleServiceServer::new(role::grpc::Roles { db: db(), clock: clock(), nats: nats() }))
        .rpc(ColleagueServiceServer::new(membership::colleagues::Colleagues { db: db() }))
        .rpc(MemberServiceServer::new(membership::grpc::Members { db: db(), clock: clock(), nats: nats() }))
        .rpc(FactorServiceServer::new(factors))
        .rpc(OwnSessionServiceServer::new(own_sessions))
        .rpc(ImpersonationServiceServer::new(impersonations))
        .rpc(InvitationServiceServer::new(invitations))
        .rpc(StaffSessionServiceServer::new(sessions))
}

/// Stores, networks, and whom they keep out.
fn for_places(
    service: Service,
    env: &Env,
    (desk, words): (&account::Desk, &audit::words::Words),
) -> anyhow::Result<Service> {
    let account::Desk { db, clock, nats, lookup, customers, .. } = desk.clone();
    let words = words.clone();
    let bases = CustomerBaseServiceClient::new(env.peer(NAME, "customers")?);
    let networks = network::grpc::Networks { db: db.clone(), clock: clock.clone(), bases };
    let places =
        place::grpc::Places { db: db.clone(), clock: clock.clone(), nats: nats.clone(), networks: networks.clone() };
    Ok(service
        .rpc(StoreServiceServer::new(shop::grpc::Stores { db: db.clone(), clock: clock.clone() }))
        .rpc(NetworkServiceServer::new(networks))
        .rpc(PlaceServiceServer::new(places))
        .rpc(BlockServiceServer::new(block::grpc::Blocks { db, clock, lookup, customers, words, nats })))
}
