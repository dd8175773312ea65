//! Invitations to work for a store or network: a link by mail, good for three days and once (ID-20, ID-21).
pub mod accept;
pub mod create;
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod invitation;
pub mod store;

pub use invitation::Invitation;
