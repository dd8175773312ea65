//! Accounts of customers: registering with a proven identity, signing in, signing out (ID-1, ID-2, ID-10).
pub mod desk;
pub mod grpc;
pub mod identity;
pub mod log_in;
pub mod notice;
pub mod own;
pub mod register;
pub mod request_code;
pub mod store;

pub use desk::{Desk, Visitor};
pub use identity::Identity;
pub use own::Own;
