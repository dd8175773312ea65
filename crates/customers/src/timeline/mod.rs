//! What happened around a customer, when and by whom, across services (CU-18). Fed by events; nothing personal is in it.
pub mod grpc;
pub mod hear;
pub mod moment;
pub mod store;

pub use hear::hear;
pub use moment::Moment;
