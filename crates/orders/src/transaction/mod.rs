//! The ledger: every movement of money, written once and never changed (OR-4). Payments append to it, refunds and staff do,
//! and what is paid of an order always follows from its sums.
pub mod book;
pub mod enter;
pub mod grpc;
pub mod list;
pub mod store;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod transaction;

pub use transaction::{Entry, Manual, Method, Sums, Type, reference};
