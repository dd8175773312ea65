//! The ledger: every movement of money, written once and never changed (OR-4). It is read with its orders.
pub mod store;
