//! What customers say about products and stores (RE): written by registered customers, once per subject; public but for
//! who exactly the author is.
pub mod bought;
pub mod consumer;
pub mod delete;
pub mod erasure;
pub mod error;
pub mod grpc;
pub mod holdings;
pub mod list;
pub mod merge;
pub mod personal_data;
pub mod reconcile;
pub mod review;
pub mod store;
pub mod subject;
pub mod submit;

use ::holdings::work::{self, Work};
use kit::{
    blocks::Blocks,
    page::Pager,
    reads,
    service::{Env, Service},
    stores::Stores,
};
use proto::{
    catalog::v1::product_service_client::ProductServiceClient,
    customers::v1::customer_service_client::CustomerServiceClient,
    identity::v1::network_service_client::NetworkServiceClient,
    reviews::v1::{
        personal_data_service_server::PersonalDataServiceServer,
        reconciliation_service_server::ReconciliationServiceServer, review_service_server::ReviewServiceServer,
    },
};

/// The tables of the service.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
/// Name of the service and its schema.
pub const NAME: &str = "reviews";

/// The service: reviews, and the purchases that verify them.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let db = env.db(NAME)?;
    let (reads, noting) = reads::kept(&db, &env.clock);
    let reviews = grpc::Reviews {
        db: db.clone(),
        clock: env.clock.clone(),
        pager: Pager::new(&env.secrets),
        blocks: Blocks::new(env.peer(NAME, "identity")?),
        subjects: subject::Subjects {
            products: ProductServiceClient::new(env.peer(NAME, "catalog")?),
            stores: Stores::new(env.peer(NAME, "identity")?),
            networks: NetworkServiceClient::new(env.peer(NAME, "identity")?),
        },
        customers: CustomerServiceClient::new(env.peer(NAME, "customers")?),
        reads,
    };
    let (clock, customers) = (env.clock.clone(), env.peer(NAME, "customers")?);
    let erasures = Work { db: db.clone(), clock, customers, forgetter: erasure::Erasure };
    Ok(Service::new(NAME)
        .database(env, &db)
        .rpc(ReviewServiceServer::new(reviews))
        .rpc(ReconciliationServiceServer::new(reconcile::Reconciliation { db: db.clone() }))
        .rpc(PersonalDataServiceServer::new(personal_data::Personal { db: db.clone(), clock: env.clock.clone() }))
        .consumer(env, &db, consumer::Events { clock: env.clock.clone() })
        .task(noting)
        .task(work::task(erasures)))
}
