//! Being logged in as a customer: for a quarter of an hour, under both names (ID-25).
pub mod end;
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod impersonation;
pub mod start;
pub mod store;

pub use impersonation::Impersonation;
