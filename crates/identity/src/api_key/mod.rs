//! Keys of integrations: shown once, stored hashed, scoped, bound to addresses and time if one likes (ID-24).
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod api_key;
pub mod create;
pub mod grpc;
pub mod revoke;
pub mod store;

pub use api_key::ApiKey;
