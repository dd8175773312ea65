//! Who is signed in.
mod place;
mod session;
mod sessions;

pub use place::{Place, first_place};
pub use session::Session;
pub use sessions::{Sessions, forget_revoked};
