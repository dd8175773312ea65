//! Paying what is due of an order that was agreed on invoice, by a gateway after all (OR-2): the invoice stays accepted
//! beside the attempts, of which one at a time is at work, until one of them has come about.
pub mod bill;
pub mod pay;
pub mod store;

pub use bill::Bill;
pub use pay::Payer;
