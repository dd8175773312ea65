//! Products (CA-1).
pub mod browse;
pub mod create;
pub mod grpc;
pub mod list;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod product;
pub mod store;
pub mod update;

pub use product::{Kind, Package, Product};
