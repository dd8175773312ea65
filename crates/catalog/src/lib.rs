//! Catalog owns what stores sell: products with SKU, price, images and kind (CA-1). Prices come from here and
//! nowhere else (CA-4).
pub mod error;
pub mod holdings;
pub mod product;

use kit::{
    page::Pager,
    service::{Env, Service},
    stores::Stores,
};
use proto::catalog::v1::product_service_server::ProductServiceServer;
use sqlx::migrate::Migrator;

pub use error::Error;

/// Its name, and its schema's.
pub const NAME: &str = "catalog";
/// Its tables.
pub static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// The service on its database.
pub fn service(env: &Env) -> anyhow::Result<Service> {
    let db = env.db(NAME)?;
    let products = product::grpc::Products {
        db: db.clone(),
        clock: env.clock.clone(),
        pager: Pager::new(&env.secrets),
        stores: Stores::new(env.peer(NAME, "identity")?),
    };
    Ok(Service::new(NAME).database(env, &db).rpc(ProductServiceServer::new(products)))
}
