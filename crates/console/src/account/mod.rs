<<<<<<< HEAD
//! What staff members look after themselves: their sessions, their second factor, and proving who they are.
mod confirm;
mod page;

pub use confirm::{ask, prove};
pub use page::{end_all, end_one, renew_codes, show};
=======
//! The entrance of the account portal (`/account`): a link by mail signs in, no password ever (ID-14, ID-15).
mod ask;
mod link;
mod portal;
mod sign_out;

pub use ask::{ask, home};
pub use link::{follow, show};
pub use portal::Portal;
pub use sign_out::sign_out;
>>>>>>> people
