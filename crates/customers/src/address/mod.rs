//! Saved addresses (CU-9).
pub mod add;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod address;
pub mod delete;
pub mod grpc;
pub mod replace;
pub(crate) mod store;

pub use address::SavedAddress;
