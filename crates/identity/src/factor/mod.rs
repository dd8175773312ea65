//! Second factors of staff members: an authenticator, and codes for when it is lost (ID-20).
pub mod enrol;
pub mod grpc;
pub mod proof;
pub mod recovery;
pub mod store;
pub mod totp;

pub use totp::Totp;
