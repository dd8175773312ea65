//! Assertions: what credentials from outside come to, signed (ID-5, ID-30).
pub mod credentials;
pub mod exchange;
pub mod grpc;
pub mod scope;
pub mod store;

pub use exchange::exchange;
