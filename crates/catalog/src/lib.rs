//! Catalog owns what stores sell: products with SKU, price, images and kind (CA-1). Prices come from here and
//! nowhere else (CA-4). Beside them: what stores take off (CA-5), how they ship and what tax they charge (CA-11).
pub mod consumer;
pub mod error;
pub mod holdings;
pub mod product;
pub mod product_file;
pub mod promotion;
pub mod shipping_method;
pub mod tariff;
pub mod tax_rate;

use files::Files;
use kit::{
    page::Pager,
    service::{Env, Service, task},
    stores::Stores,
};
use proto::catalog::v1::{
    product_file_service_server::ProductFileServiceServer, product_service_server::ProductServiceServer,
    promotion_service_server::PromotionServiceServer, shipping_method_service_server::ShippingMethodServiceServer,
    tariff_service_server::TariffServiceServer, tax_rate_service_server::TaxRateServiceServer,
};
use sqlx::migrate::Migrator;

pub use error::Error;

/// Its name, and its schema's.
pub const NAME: &str = "catalog";
/// Its tables.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// What a message has beside the file in it, in bytes.
const ROOM: usize = 64 * 1024;

/// The service on its database.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let db = env.db(NAME)?;
    let (stores, pager) = (Stores::new(env.peer(NAME, "identity")?), Pager::new(&env.secrets));
    let desk = tariff::Desk { db: db.clone(), clock: env.clock.clone(), stores: stores.clone() };
    let products = product::grpc::Products {
        db: db.clone(),
        clock: env.clock.clone(),
        pager: pager.clone(),
        stores: stores.clone(),
    };
    let promotions = promotion::grpc::Promotions { db: db.clone(), clock: env.clock.clone(), pager, stores };
    let files = Files::open(&env.settings.files, env.settings.tls.tls_ca.as_deref())?;
    let goods = product_file::grpc::ProductFiles {
        db: db.clone(),
        clock: env.clock.clone(),
        files: files.clone(),
        secrets: env.secrets.clone(),
        public: env.settings.public(),
    };
    let goods = ProductFileServiceServer::new(goods);
    let swept = (db.clone(), env.clock.clone(), files);
    Ok(Service::new(NAME)
        .database(env, &db)
        .rpc(goods.max_decoding_message_size(product_file::product_file::LARGEST + ROOM))
        .task(task(move |stop| product_file::sweep::run(swept.clone(), stop)))
        .rpc(ProductServiceServer::new(products))
        .rpc(PromotionServiceServer::new(promotions))
        .rpc(ShippingMethodServiceServer::new(desk.clone()))
        .rpc(TaxRateServiceServer::new(desk.clone()))
        .rpc(TariffServiceServer::new(desk))
        .consumer(env, &db, consumer::Events))
}
