//! Links by which anybody who has one looks at one order: unguessable, kept as a hash, revocable (OR-2).
pub mod create;
pub mod grpc;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod link;
pub mod revoke;
pub mod store;
pub mod view;

pub use link::{Link, LinkId};
