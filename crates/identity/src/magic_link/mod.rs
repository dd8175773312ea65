//! Links that sign a shopper in to the account portal, without ever needing a password (ID-14).
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod magic_link;
pub mod request;
pub mod store;
