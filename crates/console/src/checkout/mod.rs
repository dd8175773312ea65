//! The hosted check-out page behind a check-out link (CA-6): the cart, the details filled in, payment, confirmation.
mod link;
mod now;
mod page;
mod pay;
mod shopper;

pub use link::{follow, show as show_link};
pub use now::{pay as pay_now, show as show_now};
pub use page::show;
pub use pay::pay;
