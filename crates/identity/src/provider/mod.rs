//! Signing in with an account of Google, Apple or Facebook (ID-4). The provider's token is verified here; every
//! attribute comes from it, never from what a client says.
pub mod facebook;
pub mod grpc;
pub mod keys;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod provider;
pub mod sign_in;
pub mod store;
pub mod token;

pub use provider::{Provider, Providers};
