//! Networks: stores that share one customer base (§0).
pub mod create;
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod network;
pub mod store;

pub use network::Network;
