//! Memberships: which role a staff member has in a store, or in a network and so in all its stores (ID-21).
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod membership;
pub mod role;
pub mod store;

pub use membership::{Membership, Place};
pub use role::Role;
