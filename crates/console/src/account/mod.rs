//! What staff members look after themselves: their sessions, their second factor, and proving who they are.
mod authenticator;
mod confirm;
mod page;

pub use authenticator::{begin, complete};
pub use confirm::{ask, prove};
pub use page::{end_all, end_one, renew_codes, show};
