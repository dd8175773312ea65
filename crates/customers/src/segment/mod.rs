//! Saved filters (CU-6).
mod change;
mod create;
pub mod grpc;
pub mod named;
mod remove;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod segment;
pub mod store;

pub use named::named;
pub use segment::{Saved, Segment};
