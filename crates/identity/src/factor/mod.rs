//! Second factors of staff members (ID-20).
pub mod store;
pub mod totp;

pub use totp::Totp;
