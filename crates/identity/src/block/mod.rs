//! Block lists: who is kept out of a customer base, by network address, e-mail address or domain (ID-26).
pub mod add;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod block;
pub mod check;
pub mod create;
pub mod grpc;
pub mod providers;
pub mod store;

pub use block::Block;
