//! Carts that guests filled before they signed in (CA-9).
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
mod guest;
mod merge;
mod store;

pub use merge::{MergeGuest, Merged, merge_guest};
pub use store::follow;
