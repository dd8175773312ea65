//! Lines that were bought for somebody else (OR-1): who has them, and what they are told.
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod gift;
pub mod grpc;
pub mod recipients;
pub mod store;

pub use gift::{Gift, first_name};
