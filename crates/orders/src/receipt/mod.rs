//! Receipts of paid orders and credit notes of what went back (OR-6): numbered without gaps behind the purchases, frozen,
//! and made anew from what is kept whenever somebody asks.
mod cancelled;
mod due;
pub mod grpc;
mod html;
pub mod issue;
mod lacking;
mod numbers;
mod paper;
mod pdf;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod receipt;
pub mod store;
mod tax;
mod view;
mod words;

pub use issue::Issuer;
pub use receipt::{Kind, Receipt, ReceiptId};
