//! Coming in, going out, and choosing where to work.
mod code;
mod enrol;
mod invitation;
mod sign_in;
mod sign_out;
mod store;

pub use code::{ask_code, verify_code};
pub use invitation::{accept_invitation, show_invitation};
pub use sign_in::{refusal, session_cookie, show, sign_in};
pub use sign_out::sign_out;
pub use store::choose_store;
