//! Keys that assertions are signed with.
pub mod keyring;
pub mod store;

pub use keyring::Keyring;
