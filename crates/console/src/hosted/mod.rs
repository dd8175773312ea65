//! Pages for shoppers, who reach them by an address with a secret in it: no session, no staff navigation.
mod opt_out;
mod order;
mod payment_link;
mod shop;
mod test_payment;

pub use opt_out::{end as opt_out, show as show_opt_out};
pub use order::show_order;
pub use payment_link::{leave, pay_bill, show_bill};
pub use test_payment::{decide, show};
