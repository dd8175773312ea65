//! Everything that is sent to people (NO-1, NO-2): one log, which is at the same time the queue. And what is told to
//! programs elsewhere (NO-5): webhooks, with a log and queue of their own.
//!
//! Requests and events only write rows; [`delivery`] fetches what a message is about, renders it and hands it to its
//! channel, again and again until it is settled. Codes and links come sealed, and never appear in the log. What happens
//! in the house is queued for [`webhook`]s by the names in [`hook_event`]; [`hook_delivery`] sends it.
pub mod campaign;
pub mod channel;
pub mod confirm;
pub mod consumer;
pub mod delivery;
pub mod erasure;
pub mod error;
mod gift;
pub mod grpc;
pub mod health;
pub mod holdings;
pub mod hook_delivery;
pub mod hook_event;
pub mod letter;
pub mod list;
pub mod merge;
pub mod message;
pub mod opt_out;
mod order;
pub mod personal_data;
pub mod reconcile;
pub mod reseal;
pub mod send;
pub mod store;
mod subscription;
pub mod suppression;
pub mod template;
mod ticket;
pub mod webhook;

use std::sync::Arc;

use ::holdings::work::{self, Work};
use kit::{
    Db,
    page::Pager,
    reads,
    service::{self, Env, Service},
    stores::Stores,
};
use proto::{
    customers::v1::{consent_service_client::ConsentServiceClient, recipient_service_client::RecipientServiceClient},
    notifications::v1::{
        campaign_service_server::CampaignServiceServer, channel_service_server::ChannelServiceServer,
        hook_delivery_service_server::HookDeliveryServiceServer, letter_service_server::LetterServiceServer,
        message_service_server::MessageServiceServer, opt_out_service_server::OptOutServiceServer,
        personal_data_service_server::PersonalDataServiceServer,
        reconciliation_service_server::ReconciliationServiceServer,
        suppression_service_server::SuppressionServiceServer, webhook_service_server::WebhookServiceServer,
    },
};
use tokio::sync::Notify;

/// The tables of the service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
/// Name of the service and its schema.
pub const NAME: &str = "notifications";

/// The service: its log, the confirmations that orders ask for, and the delivery.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let db = env.db(NAME)?;
    let queued = Arc::new(Notify::new());
    let delivery = delivery::Delivery::new(env, &db)?;
    let (reads, noting) = reads::kept(&db, &env.clock);
    let messages = grpc::Messages {
        db: db.clone(),
        clock: env.clock.clone(),
        secrets: env.secrets.clone(),
        pager: Pager::new(&env.secrets),
        queued: Arc::clone(&queued),
        reads: reads.clone(),
    };
    let reconciliation =
        reconcile::Reconciliation { db: db.clone(), clock: env.clock.clone(), queued: Arc::clone(&queued) };
    let (clock, customers) = (env.clock.clone(), env.peer(NAME, "customers")?);
    let erasures = Work { db: db.clone(), clock, customers, forgetter: erasure::Erasure };
    let hooks = Arc::new(Notify::new());
    let events = consumer::Events { clock: env.clock.clone(), queued: Arc::clone(&queued), hooks: Arc::clone(&hooks) };
    let built = Service::new(NAME)
        .database(env, &db)
        .rpc(MessageServiceServer::new(messages))
        .rpc(ChannelServiceServer::new(health::ChannelStates { db: db.clone(), clock: env.clock.clone() }))
        .rpc(ReconciliationServiceServer::new(reconciliation))
        .rpc(PersonalDataServiceServer::new(personal_data::Personal { db: db.clone(), clock: env.clock.clone() }))
        .consumer(env, &db, events)
        .task(noting)
        .task(work::task(erasures));
    let built = with_letters(built, env, (&db, reads), &queued)?;
    let built = built.task(service::task(move |stop| delivery::run(delivery.clone(), Arc::clone(&queued), stop)));
    with_webhooks(built, env, &db, hooks)
}

/// What was `built` with what staff write themselves (NO-6), which `queued` tells the delivery of.
fn with_letters(
    built: Service,
    env: &Env,
    (db, reads): (&Db, reads::Reads),
    queued: &Arc<Notify>,
) -> anyhow::Result<Service> {
    let (db, clock, secrets) = (|| db.clone(), || env.clock.clone(), || env.secrets.clone());
    let stores = Stores::new(env.peer(NAME, "identity")?);
    let recipients = RecipientServiceClient::new(env.peer(NAME, "customers")?);
    let letters = letter::grpc::Letters {
        db: db(),
        clock: clock(),
        secrets: secrets(),
        stores: stores.clone(),
        recipients: recipients.clone(),
        queued: Arc::clone(queued),
    };
    let asked = Arc::new(Notify::new());
    let campaigns = campaign::grpc::Campaigns {
        db: db(),
        clock: clock(),
        pager: Pager::new(&env.secrets),
        stores,
        recipients,
        house: env.settings.public(),
        asked: Arc::clone(&asked),
    };
    let worker = campaign::work::Worker::new(env, &db(), Arc::clone(queued))?;
    let pager = Pager::new(&env.secrets);
    let suppressions = suppression::grpc::Suppressions { db: db(), clock: clock(), pager, reads };
    let consents = ConsentServiceClient::new(env.peer(NAME, "customers")?);
    Ok(built
        .rpc(LetterServiceServer::new(letters))
        .rpc(CampaignServiceServer::new(campaigns))
        .rpc(SuppressionServiceServer::new(suppressions))
        .rpc(OptOutServiceServer::new(opt_out::grpc::OptOuts { secrets: secrets(), consents }))
        .task(service::task(move |stop| campaign::work::run(worker.clone(), Arc::clone(&asked), stop))))
}

/// What was `built` with webhooks, whose delivery `hooks` wakes.
fn with_webhooks(built: Service, env: &Env, db: &Db, hooks: Arc<Notify>) -> anyhow::Result<Service> {
    let (db, clock, open) = (db.clone(), env.clock.clone(), env.settings.webhooks_inside);
    let webhooks = webhook::grpc::Webhooks { db: db.clone(), clock: clock.clone(), secrets: env.secrets.clone(), open };
    let deliveries = hook_delivery::grpc::HookDeliveries {
        db: db.clone(),
        clock: clock.clone(),
        pager: Pager::new(&env.secrets),
        queued: Arc::clone(&hooks),
    };
    let posting = hook_delivery::Posting::new(env, &db)?;
    let owners = hook_delivery::owners::Owners::new(env, &db)?;
    let sweeper = hook_delivery::sweep::Sweeper { db, clock, owners };
    Ok(built
        .rpc(WebhookServiceServer::new(webhooks))
        .rpc(HookDeliveryServiceServer::new(deliveries))
        .task(service::task(move |stop| hook_delivery::run(posting.clone(), Arc::clone(&hooks), stop)))
        .task(service::task(move |stop| hook_delivery::sweep::run(sweeper.clone(), stop))))
}
