//! Compares what customers learned from events with those who know it: orders, payments, reviews, subscriptions and
//! accounts both ways, and every sum with its parts (PL-2).
pub mod accounts;
pub mod carts;
pub mod counted;
pub mod figures;
pub mod grpc;
pub mod orders;
pub mod payments;
pub mod person;
pub mod reviews;
pub mod subscriptions;
pub mod totals;
