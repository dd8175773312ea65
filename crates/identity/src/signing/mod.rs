//! Keys that assertions are signed with.
pub mod keyring;
pub mod rotate;
pub mod store;

pub use keyring::Keyring;
