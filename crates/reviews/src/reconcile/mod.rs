//! What reviews tells of its reviews, and what it learned from orders, compared both ways (PL-2).
pub mod facts;
pub mod grpc;
pub mod purchases;

pub use grpc::Reconciliation;
