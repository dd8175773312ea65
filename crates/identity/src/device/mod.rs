//! Devices that push messages go to (ID-12).
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod device;
pub mod grpc;
pub mod register;
pub mod store;
pub mod tell;

pub use device::{Device, Platform};
