//! Customers owns who the people are: one record per person and realm, unique by canonical e-mail (CU-1, CU-2), with
//! the figures that order, payment and review events add up to. Personal data is masked here, before it leaves.
pub mod account;
mod activity;
pub mod address;
pub mod attachment;
pub mod bulk;
pub mod cleanup;
pub mod consent;
pub mod consumer;
pub mod customer;
pub mod directory;
pub mod duplicate;
pub mod erasure;
pub mod error;
pub mod export;
mod fields;
pub mod holdings;
pub mod import;
pub mod job;
pub mod key;
pub mod list;
pub mod loose_file;
pub mod merge;
pub mod note;
pub mod photo;
pub mod recipient;
pub mod reconciliation;
pub mod record;
pub mod reseal;
pub mod retention;
pub mod segment;
mod shops;
pub mod ticket;
pub mod timeline;

use std::sync::Arc;

use ::holdings::work::{self, Work};
use chrono::TimeDelta;
use files::Files;
use kit::{
    Db,
    page::Pager,
    reads::{self, Reads},
    service::{Env, Service, task},
};
use proto::{
    customers::v1::{
        account_audit_service_server::AccountAuditServiceServer,
        account_cleanup_service_server::AccountCleanupServiceServer, address_service_server::AddressServiceServer,
        attachment_service_server::AttachmentServiceServer, consent_service_server::ConsentServiceServer,
        customer_base_service_server::CustomerBaseServiceServer, customer_service_server::CustomerServiceServer,
        directory_service_server::DirectoryServiceServer, duplicate_service_server::DuplicateServiceServer,
        erasure_service_server::ErasureServiceServer, export_service_server::ExportServiceServer,
        import_service_server::ImportServiceServer, job_service_server::JobServiceServer,
        merge_service_server::MergeServiceServer, note_service_server::NoteServiceServer,
        person_service_server::PersonServiceServer, photo_service_server::PhotoServiceServer,
        recipient_service_server::RecipientServiceServer, reconciliation_service_server::ReconciliationServiceServer,
        record_service_server::RecordServiceServer, retention_service_server::RetentionServiceServer,
        sealing_service_server::SealingServiceServer, segment_service_server::SegmentServiceServer,
        ticket_service_server::TicketServiceServer, timeline_service_server::TimelineServiceServer,
    },
    identity::v1::{shopper_service_client::ShopperServiceClient, staff_service_client::StaffServiceClient},
};
use sqlx::migrate::Migrator;
use tokio::sync::Notify;

pub use error::Error;
use shops::Shops;

/// Its name, and its schema's.
pub const NAME: &str = "customers";
/// What a message has beside the file in it, in bytes.
const ROOM: usize = 64 * 1024;
/// Its tables.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The service on its database.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let db = env.db(NAME)?;
    let keys = key::Keys::new(&env.secrets);
    let (reads, noting) = reads::kept(&db, &env.clock);
    let shops = shops::Shops::new(&env.peer(NAME, "identity")?);
    let customers = customer::grpc::Customers {
        db: db.clone(),
        clock: env.clock.clone(),
        pager: Pager::new(&env.secrets),
        shops: shops.clone(),
        reads: reads.clone(),
        keys: keys.clone(),
    };
    let service = for_staff(Service::new(NAME).database(env, &db), env, &db, (&shops, &reads))?;
    let files = Files::open(&env.settings.files, env.settings.tls.tls_ca.as_deref())?;
    let service = ticketing(service, env, &db, (&shops, &reads))?;
    let service = exporting(service, env, &db, files.clone())?;
    let service = keeping_files(service, env, &db, (files.clone(), &reads))?;
    let service = importing(service, env, &db, (&shops, files))?;
    let service = for_erasures(service, env, &db)?;
    let sealing = key::grpc::Sealing { db: db.clone(), clock: env.clock.clone(), keys };
    let bases = customer::base::CustomerBases { db: db.clone() };
    let reconciliation = reconciliation::grpc::Reconciliation { db: db.clone(), clock: env.clock.clone() };
    Ok(service
        .rpc(CustomerServiceServer::new(customers))
        .rpc(CustomerBaseServiceServer::new(bases))
        .rpc(SealingServiceServer::new(sealing))
        .rpc(PersonServiceServer::new(customer::person::Persons { db: db.clone(), clock: env.clock.clone() }))
        .rpc(RecipientServiceServer::new(recipient::grpc::Recipients { db: db.clone(), clock: env.clock.clone() }))
        .rpc(ReconciliationServiceServer::new(reconciliation))
        .task(noting)
        .consumer(env, &db, consumer::Events::new(&env.clock)))
}

/// Customers as a whole: lists as files, and figures.
fn exporting(service: Service, env: &Env, db: &Db, files: Files) -> anyhow::Result<Service> {
    let (asked, lists) = (Arc::new(Notify::new()), export::lists::Lists::new(env)?);
    let clerk = export::work::Clerk::new((db.clone(), env.clock.clone()), files.clone(), lists.clone());
    let exports = export::grpc::Exports {
        db: db.clone(),
        clock: env.clock.clone(),
        secrets: env.secrets.clone(),
        files,
        lists,
        asked: Arc::clone(&asked),
    };
    Ok(service
        .rpc(ExportServiceServer::new(exports))
        .rpc(RetentionServiceServer::new(retention::grpc::Figures::new(db.clone(), env.clock.clone())))
        .task(task(move |stop| export::work::run(clerk.clone(), Arc::clone(&asked), stop))))
}

/// Files that are handed in, and what is left of them.
fn keeping_files(service: Service, env: &Env, db: &Db, (files, reads): (Files, &Reads)) -> anyhow::Result<Service> {
    let attachments = attachment::grpc::Attachments {
        db: db.clone(),
        clock: env.clock.clone(),
        reads: reads.clone(),
        keys: key::Keys::new(&env.secrets),
        files: files.clone(),
        shoppers: ShopperServiceClient::new(env.peer(NAME, "identity")?),
    };
    let photos = photo::grpc::Photos {
        db: db.clone(),
        clock: env.clock.clone(),
        keys: key::Keys::new(&env.secrets),
        files: files.clone(),
        secrets: env.secrets.clone(),
        public: env.settings.public(),
    };
    let swept = (db.clone(), env.clock.clone(), files);
    Ok(service
        .rpc(PhotoServiceServer::new(photos).max_decoding_message_size(attachment::add::LARGEST + ROOM))
        .rpc(AttachmentServiceServer::new(attachments).max_decoding_message_size(attachment::add::LARGEST + ROOM))
        .task(task(move |stop| loose_file::sweep::run(swept.clone(), stop))))
}

/// Customers out of files.
fn importing(service: Service, env: &Env, db: &Db, (shops, files): (&Shops, Files)) -> anyhow::Result<Service> {
    let (worker, asked) = (import::work::Worker::of(env)?, Arc::new(Notify::new()));
    let imports = import::grpc::Imports {
        db: db.clone(),
        clock: env.clock.clone(),
        pager: Pager::new(&env.secrets),
        files,
        shops: shops.clone(),
        asked: Arc::clone(&asked),
    };
    let imports = ImportServiceServer::new(imports).max_decoding_message_size(import::import::ROOM + 1_024);
    Ok(service.rpc(imports).task(task(move |stop| import::work::run(worker.clone(), Arc::clone(&asked), stop))))
}

/// Support tickets.
fn ticketing(service: Service, env: &Env, db: &Db, (shops, reads): (&Shops, &Reads)) -> anyhow::Result<Service> {
    let identity = || env.peer(NAME, "identity");
    let tickets = ticket::grpc::Tickets {
        db: db.clone(),
        clock: env.clock.clone(),
        pager: Pager::new(&env.secrets),
        reads: reads.clone(),
        keys: key::Keys::new(&env.secrets),
        staff: StaffServiceClient::new(identity()?),
        shoppers: ShopperServiceClient::new(identity()?),
        colleagues: ticket::colleagues::Colleagues::new(identity()?),
        links: ticket::links::Links::new(env.peer(NAME, "orders")?, env.peer(NAME, "catalog")?),
        shops: shops.clone(),
        keep: TimeDelta::days(env.settings.ticket_days.into()),
    };
    let (db, clock) = (db.clone(), env.clock.clone());
    let closing = task(move |stop| ticket::close::run(db.clone(), clock.clone(), stop));
    Ok(service.rpc(TicketServiceServer::new(tickets)).task(closing))
}

/// What is done to forget people, and to give them what is theirs.
fn for_erasures(service: Service, env: &Env, db: &Db) -> anyhow::Result<Service> {
    let (db, clock, secrets) = (|| db.clone(), || env.clock.clone(), || env.secrets.clone());
    let peers = erasure::peers::Peers::new(env)?;
    let erasures = erasure::grpc::Erasures {
        db: db(),
        clock: clock(),
        secrets: secrets(),
        keys: key::Keys::new(&env.secrets),
        peers: peers.clone(),
    };
    let closures = erasure::closure::Closures { db: db(), clock: clock(), secrets: secrets(), peers };
    let (customers, forgetter) = (env.peer(NAME, NAME)?, erasure::work::Erasure);
    Ok(service
        .rpc(ErasureServiceServer::new(erasures))
        .task(work::task(Work { db: db(), clock: clock(), customers, forgetter }))
        .task(task(move |stop| closures.clone().run(stop))))
}

/// Which accounts are used, and the clean-up of the others.
fn for_accounts(
    service: Service,
    env: &Env,
    (db, reads): (Db, Reads),
    (worker, cleanup_asked): (bulk::work::Worker, Arc<Notify>),
) -> Service {
    let (clock, asked) = (env.clock.clone(), Arc::new(Notify::new()));
    let audits = account::grpc::AccountAudits {
        db: db.clone(),
        clock: clock.clone(),
        pager: Pager::new(&env.secrets),
        reads: reads.clone(),
        asked: Arc::clone(&asked),
    };
    let cleanups = cleanup::grpc::AccountCleanups { db, clock, reads, asked: cleanup_asked };
    service
        .rpc(AccountAuditServiceServer::new(audits))
        .rpc(AccountCleanupServiceServer::new(cleanups))
        .task(task(move |stop| bulk::work::audit(worker.clone(), Arc::clone(&asked), stop)))
}

/// What staff do with one customer, and customers with their own.
fn for_staff(service: Service, env: &Env, db: &Db, (shops, reads): (&Shops, &Reads)) -> anyhow::Result<Service> {
    let (db, clock) = (|| db.clone(), || env.clock.clone());
    let (shops, reads, keys) = (|| shops.clone(), || reads.clone(), || key::Keys::new(&env.secrets));
    let notes = note::grpc::Notes {
        db: db(),
        clock: clock(),
        pager: Pager::new(&env.secrets),
        reads: reads(),
        keys: keys(),
        staff: StaffServiceClient::new(env.peer(NAME, "identity")?),
    };
    let addresses = address::grpc::Addresses { db: db(), clock: clock(), shops: shops(), reads: reads(), keys: keys() };
    let (searched, searching) = (db(), clock());
    let duplicates =
        duplicate::grpc::Duplicates { db: db(), clock: clock(), pager: Pager::new(&env.secrets), reads: reads() };
    let asked = Arc::new(Notify::new());
    let (worker, told) = (bulk::work::Worker::of(env)?, Arc::clone(&asked));
    let service = for_accounts(service, env, (db(), reads()), (worker.clone(), Arc::clone(&asked)));
    let records = record::grpc::Records { db: db(), clock: clock(), shops: shops(), keys: keys(), asked };
    let timelines = timeline::grpc::Timelines { db: db(), pager: Pager::new(&env.secrets) };
    let peers = erasure::peers::Peers::new(env)?;
    let merges = merge::grpc::Merges { db: db(), clock: clock(), reads: reads(), keys: keys(), peers };
    Ok(service
        .rpc(MergeServiceServer::new(merges))
        .rpc(DuplicateServiceServer::new(duplicates))
        .task(task(move |stop| duplicate::run(searched.clone(), searching.clone(), stop)))
        .rpc(RecordServiceServer::new(records))
        .task(task(move |stop| bulk::work::run(worker.clone(), Arc::clone(&told), stop)))
        .rpc(TimelineServiceServer::new(timelines))
        .rpc(NoteServiceServer::new(notes))
        .rpc(AddressServiceServer::new(addresses))
        .rpc(SegmentServiceServer::new(segment::grpc::Segments { db: db(), clock: clock() }))
        .rpc(ConsentServiceServer::new(consent::grpc::ConsentsOf { db: db(), clock: clock(), keys: keys() }))
        .rpc(DirectoryServiceServer::new(directory::grpc::Directory { db: db() }))
        .rpc(JobServiceServer::new(job::grpc::Jobs { db: db(), clock: clock() })))
}
