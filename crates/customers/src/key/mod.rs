//! The key of each customer, which seals what is personal about them wherever it is kept for long (PL-7).
pub mod destroy;
pub mod grpc;
pub mod keys;
mod store;

pub use destroy::destroy_key;
pub use keys::Keys;
