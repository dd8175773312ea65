//! The list of customers: search, filters, orders, pages (CU-5).
mod condition;
pub mod field;
pub mod filter;
pub mod query;
pub mod search;
pub mod sort;
pub mod store;
