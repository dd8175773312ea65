//! Staff members (ID-20).
pub mod create;
pub mod grpc;
pub mod password;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod staff;
pub mod store;

pub use staff::Staff;
