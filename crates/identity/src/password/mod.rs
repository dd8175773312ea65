//! Passwords: which may be chosen, how they are kept, and how another one is set (ID-11).
pub mod grpc;
pub mod hasher;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod password;
pub mod reset;
pub mod set;

pub use hasher::Hasher;
pub use password::Password;
