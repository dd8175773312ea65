//! The orders service: owns checkouts, orders, payments and the ledger. It promises that one cart makes one order,
//! that the price shown is the price charged, and that a payment is finished or undone, never lost or doubled.
pub mod checkout;
mod columns;
pub mod consumer;
pub mod download;
pub mod erasure;
pub mod error;
pub mod gateway_setting;
pub mod gift;
pub mod holdings;
pub mod invoice;
pub mod library;
pub mod link;
pub mod merge;
pub mod order;
pub mod payment;
pub mod payment_link;
pub mod personal_data;
pub mod purchase;
pub mod receipt;
pub mod reconciliation;
pub mod refund;
pub mod report;
pub mod rows;
pub mod shipment;
pub mod subscription;
pub mod transaction;
pub mod voucher;

use std::sync::Arc;

use ::holdings::work::{self, Work};
use kit::{
    Db,
    blocks::Blocks,
    page::Pager,
    reads::{self, Reads},
    service::{Env, Service, task},
    stores::Stores,
};
use proto::{
    carts::v1::cart_service_client::CartServiceClient,
    customers::v1::customer_service_client::CustomerServiceClient,
    identity::v1::{colleague_service_client::ColleagueServiceClient, shopper_service_client::ShopperServiceClient},
    notifications::v1::message_service_client::MessageServiceClient,
    orders::v1::{
        checkout_now_service_server::CheckoutNowServiceServer, checkout_service_server::CheckoutServiceServer,
        download_service_server::DownloadServiceServer, gateway_event_service_server::GatewayEventServiceServer,
        gateway_service_server::GatewayServiceServer, gift_service_server::GiftServiceServer,
        library_service_server::LibraryServiceServer, order_desk_service_server::OrderDeskServiceServer,
        order_link_service_server::OrderLinkServiceServer, order_service_server::OrderServiceServer,
        payment_link_service_server::PaymentLinkServiceServer, personal_data_service_server::PersonalDataServiceServer,
        purchase_service_server::PurchaseServiceServer, receipt_service_server::ReceiptServiceServer,
        reconciliation_service_server::ReconciliationServiceServer, refund_service_server::RefundServiceServer,
        report_service_server::ReportServiceServer, rows_service_server::RowsServiceServer,
        subscription_service_server::SubscriptionServiceServer, test_payment_service_server::TestPaymentServiceServer,
        transaction_service_server::TransactionServiceServer,
    },
};
use tokio::sync::Semaphore;

use crate::{
    checkout::{grpc::Checkouts, now::CheckoutsNow},
    download::grpc::Downloads,
    gateway_setting::grpc::Settings,
    gift::grpc::Gifts,
    invoice::Payer,
    library::{access::Access, goods::Goods, grpc::Libraries, whose::People, work::Worker},
    link::grpc::Links,
    order::{desk::Desk, grpc::Orders},
    payment::{
        Gateways, Stripe,
        grpc::TestPayments,
        reap::Reaper,
        stripe::{self, departure::Departures, grpc::GatewayEvents},
    },
    payment_link::{grpc::PaymentLinks, post::Post},
    purchase::grpc::Purchases,
    receipt::{Issuer, grpc::Receipts},
    reconciliation::grpc::Reconciliation,
    refund::{Finisher, grpc::Refunds},
    report::grpc::Reports,
    subscription::{Renewals, catalog::Catalog, grpc::Subscriptions},
    transaction::grpc::Ledger,
};

/// The tables.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
/// The service's name and schema.
pub const NAME: &str = "orders";

/// The service, built from `env`.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let db = env.db(NAME)?;
    let (clock, secrets) = (env.clock.clone(), env.secrets.clone());
    let stripe = stripe::client::Client::new(&env.settings.stripe_url, env.settings.tls.tls_ca.as_deref())?;
    let stripe = Stripe::new(db.pool(), (&clock, &secrets), stripe);
    let departures = Departures { db: db.clone(), clock: clock.clone(), stripe: stripe.clone() };
    let gateways = Gateways::new(db.pool(), &secrets, (stripe.clone(), &env.settings.public()));
    let checkouts = Checkouts {
        db: db.clone(),
        clock: clock.clone(),
        carts: CartServiceClient::new(env.peer(NAME, "carts")?),
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        gateways: gateways.clone(),
        goods: Goods::new(env.peer(NAME, "catalog")?),
        stores: Stores::new(env.peer(NAME, "identity")?),
        blocks: Blocks::new(env.peer(NAME, "identity")?),
    };
    let (reads, noting) = reads::kept(&db, &clock);
    let pager = Pager::new(&secrets);
    let reads_of_libraries = reads.clone();
    let shoppers = ShopperServiceClient::new(env.peer(NAME, "identity")?);
    let orders = Orders { db: db.clone(), pager: pager.clone(), reads: reads.clone(), shoppers };
    let subscriptions = Subscriptions {
        db: db.clone(),
        clock: clock.clone(),
        pager: pager.clone(),
        reads: reads.clone(),
        catalog: Catalog::new(env.peer(NAME, "catalog")?),
        shoppers: ShopperServiceClient::new(env.peer(NAME, "identity")?),
    };
    let purchases = Purchases { db: db.clone(), pager: pager.clone(), reads: reads.clone() };
    let ledger = Ledger { db: db.clone(), clock: clock.clone(), pager, reads };
    let finisher = Finisher { db: db.clone(), clock: clock.clone(), gateways: gateways.clone() };
    let desk = Desk { db: db.clone(), finisher: finisher.clone() };
    let links = Links { db: db.clone(), clock: clock.clone(), public: env.settings.public() };
    let payment_links = PaymentLinks {
        db: db.clone(),
        clock: clock.clone(),
        payer: Payer { db: db.clone(), clock: clock.clone(), gateways: gateways.clone() },
        post: Post {
            messages: MessageServiceClient::new(env.peer(NAME, "notifications")?),
            public: env.settings.public(),
        },
        shoppers: ShopperServiceClient::new(env.peer(NAME, "identity")?),
    };
    let refunds = Refunds { db: db.clone(), finisher: finisher.clone() };
    let events_of_gateways =
        GatewayEvents { db: db.clone(), clock: clock.clone(), secrets: secrets.clone(), gateways: gateways.clone() };
    let settings = Settings {
        db: db.clone(),
        clock: clock.clone(),
        secrets: secrets.clone(),
        stripe,
        stores: Stores::new(env.peer(NAME, "identity")?),
        public: env.settings.public(),
    };
    let payments = TestPayments { db: db.clone(), clock: clock.clone(), secrets, gateways: gateways.clone() };
    let reconciliation = Reconciliation { db: db.clone(), clock: clock.clone() };
    let personal = personal_data::Personal { db: db.clone(), clock: clock.clone() };
    let rows = rows::grpc::Rows { db: db.clone(), clock: clock.clone() };
    let events = consumer::Events { clock: clock.clone() };
    let customers = env.peer(NAME, "customers")?;
    let erasures =
        Work { db: db.clone(), clock: clock.clone(), customers, forgetter: erasure::Erasure { clock: clock.clone() } };
    let renewals = Renewals {
        db: db.clone(),
        clock: clock.clone(),
        gateways: gateways.clone(),
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        goods: Goods::new(env.peer(NAME, "catalog")?),
    };
    let reaper = Reaper { db: db.clone(), clock: clock.clone(), gateways };
    let service = with_libraries(Service::new(NAME).database(env, &db), env, &db, reads_of_libraries.clone())?;
    let service = with_receipts(service, env, &db, reads_of_libraries)?;
    let service = with_reports(service, env, &db)?;
    let now = CheckoutsNow { checkouts: checkouts.clone(), public: env.settings.public() };
    Ok(service
        .rpc(CheckoutNowServiceServer::new(now))
        .rpc(CheckoutServiceServer::new(checkouts))
        .rpc(OrderServiceServer::new(orders))
        .rpc(OrderDeskServiceServer::new(desk))
        .rpc(OrderLinkServiceServer::new(links))
        .rpc(RefundServiceServer::new(refunds))
        .rpc(SubscriptionServiceServer::new(subscriptions))
        .rpc(TransactionServiceServer::new(ledger))
        .rpc(PurchaseServiceServer::new(purchases))
        .rpc(TestPaymentServiceServer::new(payments))
        .rpc(GatewayServiceServer::new(settings))
        .rpc(PaymentLinkServiceServer::new(payment_links))
        .rpc(GatewayEventServiceServer::new(events_of_gateways))
        .rpc(RowsServiceServer::new(rows))
        .rpc(ReconciliationServiceServer::new(reconciliation))
        .rpc(PersonalDataServiceServer::new(personal))
        .consumer(env, &db, events)
        .task(noting)
        .task(work::task(erasures))
        .task(task(move |stop| departures.clone().run(stop)))
        .task(task(move |stop| checkout::store::forget(db.clone(), clock.clone(), stop)))
        .task(task(move |stop| renewals.clone().run(stop)))
        .task(task(move |stop| refund::reap::reap(finisher.clone(), stop)))
        .task(task(move |stop| reaper.clone().reap(stop))))
}

/// What brought orders about.
fn with_reports(service: Service, env: &Env, db: &Db) -> anyhow::Result<Service> {
    let colleagues = ColleagueServiceClient::new(env.peer(NAME, "identity")?);
    Ok(service.rpc(ReportServiceServer::new(Reports { db: db.clone(), clock: env.clock.clone(), colleagues })))
}

/// Libraries, and downloads of what is in them.
fn with_libraries(service: Service, env: &Env, db: &Db, reads: Reads) -> anyhow::Result<Service> {
    let goods = Goods::new(env.peer(NAME, "catalog")?);
    let people = People {
        db: db.clone(),
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        shoppers: ShopperServiceClient::new(env.peer(NAME, "identity")?),
    };
    let (customers, stores) = (people.customers.clone(), Stores::new(env.peer(NAME, "identity")?));
    let access = Access { customers, goods: goods.clone(), stores };
    let downloads = Downloads {
        db: db.clone(),
        clock: env.clock.clone(),
        pager: Pager::new(&env.secrets),
        secrets: env.secrets.clone(),
        public: env.settings.public(),
        reads: reads.clone(),
        people: people.clone(),
        goods: goods.clone(),
        access: access.clone(),
    };
    let worker = Worker { db: db.clone(), clock: env.clock.clone(), goods: goods.clone() };
    let libraries = Libraries { db: db.clone(), clock: env.clock.clone(), reads, people, goods, access };
    Ok(service
        .rpc(GiftServiceServer::new(Gifts { db: db.clone() }))
        .rpc(LibraryServiceServer::new(libraries))
        .rpc(DownloadServiceServer::new(downloads))
        .task(task(move |stop| worker.clone().run(stop))))
}

/// Receipts, and whoever issues them.
fn with_receipts(service: Service, env: &Env, db: &Db, reads: Reads) -> anyhow::Result<Service> {
    let stores = Stores::new(env.peer(NAME, "identity")?);
    let issuer = Issuer { db: db.clone(), clock: env.clock.clone(), stores };
    let receipts = Receipts {
        issuer: issuer.clone(),
        reads,
        shoppers: ShopperServiceClient::new(env.peer(NAME, "identity")?),
        desks: Arc::new(Semaphore::new(receipt::grpc::DESKS)),
    };
    Ok(service.rpc(ReceiptServiceServer::new(receipts)).task(task(move |stop| issuer.clone().run(stop))))
}
