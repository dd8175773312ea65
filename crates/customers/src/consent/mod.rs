//! Marketing consent per channel, with time, source and history (CU-16).
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod consent;
pub mod grpc;
pub mod set;
pub(crate) mod store;

pub use consent::Consent;
