//! Who is signed in.
pub mod colleagues;
mod place;
mod session;
mod sessions;

pub use place::{Place, first_place};
pub use session::Session;
pub use sessions::{Sessions, forget_revoked};
