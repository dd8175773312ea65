//! The ledger: every movement of money, written once and never changed (OR-4).
pub mod store;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod transaction;

pub use transaction::Transaction;
