//! Coming in, going out, and choosing where to work.
mod code;
mod sign_in;
mod sign_out;
mod store;

pub use code::{ask_code, verify_code};
pub use sign_in::{show, sign_in};
pub use sign_out::sign_out;
pub use store::choose_store;
