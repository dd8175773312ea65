//! The person behind a proven e-mail address, across all customer bases (ID-15). Only the account portal knows them.
pub mod export;
pub mod find;
pub mod grpc;
pub mod preferences;
pub mod session;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod shopper;
pub mod sign_in;
pub mod store;
pub mod stores;

pub use find::{find, open};
pub use session::PortalSession;
