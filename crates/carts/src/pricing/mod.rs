//! What a cart comes to (CA-5, CA-11): one pure function of its lines, what is taken off them, shipping and tax.
mod bill;
mod price;
mod reduction;
mod tax;

pub use bill::{Bill, Charge, Discount};
pub use price::{Basket, Delivery, Item, price};
pub use reduction::{Cut, Idle, Limits, Reduction};
pub use tax::Tax;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
