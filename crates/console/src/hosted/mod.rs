//! Pages for shoppers, who reach them by an address with a secret in it: no session, no staff navigation.
mod order;
mod shop;
mod test_payment;

pub use order::show_order;
pub use test_payment::{decide, show};
