//! Memberships: which role a staff member has in a store, or in a network and so in all its stores (ID-21).
pub mod assigned;
pub mod change;
pub mod colleagues;
pub mod grpc;
pub mod member;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod membership;
pub mod remove;
pub mod role;
pub mod standing;
pub mod store;

pub use assigned::Assigned;
pub use member::Member;
pub use membership::{Membership, Place};
pub use role::Role;
pub use standing::Standing;
