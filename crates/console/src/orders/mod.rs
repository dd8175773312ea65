//! Orders: the page of one, and what is done with it from there.
mod act;
mod detail;
mod links;
mod payment_links;
mod record;

pub use act::{cancel, edit, fulfil, mark_paid, refund};
pub use detail::detail;
pub use links::{make_link, revoke_link};
pub use payment_links::{make_payment_link, revoke_payment_link};
