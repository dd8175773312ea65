//! Addresses that marketing is not sent to any more, since what was sent there came back (NO-4).
pub mod grpc;
pub mod lift;
mod list;
pub mod store;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod suppression;

pub use suppression::{Suppression, is_hard};
