//! What customers wish for (CA-10).
pub mod add;
pub mod bought;
pub mod grpc;
pub mod remove;
pub(crate) mod store;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod wish;

pub use wish::Wish;
