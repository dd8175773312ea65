//! Links that sign a customer in to check out one cart (CA-6).
pub mod create;
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod link;
pub mod post;
pub(crate) mod store;

pub use link::{Link, PREFIX, USUAL, hash};
