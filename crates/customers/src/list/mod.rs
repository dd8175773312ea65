//! The list of customers: search, filters, orders, pages (CU-5).
mod beside;
mod condition;
pub mod field;
pub mod filter;
mod lean;
pub mod query;
pub mod reading;
pub mod search;
pub mod sort;
pub mod store;
mod tree;
