//! Making one record of two (CU-13).
pub mod blocker;
pub mod combine;
pub mod conflict;
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod merge;
pub mod preview;
mod store;

pub use blocker::Blocker;
pub use conflict::Field;
pub use merge::{MergeCustomers, merge_customers};
