//! What staff write to many (NO-6): whom a filter finds is looked at page by page, and each is written to once.
pub mod begin;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod campaign;
pub mod cancel;
pub mod grpc;
mod list;
pub mod preview;
pub mod store;
pub mod work;

pub use campaign::{Campaign, State};
