//! Roles made of permissions, beside those there always are (ID-21).
pub mod change;
pub mod create;
pub mod grpc;
pub mod remove;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod role;
pub mod store;

pub use role::CustomRole;
