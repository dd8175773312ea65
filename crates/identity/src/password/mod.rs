//! Passwords: which may be chosen, and how they are kept.
pub mod hasher;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod password;

pub use hasher::Hasher;
pub use password::Password;
