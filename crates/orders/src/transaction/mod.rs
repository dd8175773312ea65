//! The ledger: every movement of money, written once and never changed (OR-4). Payments append to it, and it is read
//! with its orders.
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod transaction;

pub use transaction::Entry;
