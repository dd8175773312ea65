//! Stores. The folder is called `shop` because `store.rs` holds the SQL everywhere.
pub mod create;
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod shop;
pub mod store;

pub use shop::{Front, Store};
