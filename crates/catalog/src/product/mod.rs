//! Products (CA-1).
pub mod browse;
pub mod change;
pub mod contents;
pub mod create;
pub mod delete;
pub mod fields;
pub mod filter;
pub mod grpc;
pub mod import;
pub mod list;
pub mod plan;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod product;
pub mod renewal;
pub mod store;
pub mod update;

pub use product::{Kind, Package, Product};
