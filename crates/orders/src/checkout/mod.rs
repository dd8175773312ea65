//! Checkouts: the way from a cart to a paid order (OR-1).
pub mod begin;
pub mod capture;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod checkout;
pub mod draft;
pub mod grpc;
pub mod now;
pub mod outcome;
pub mod purchase;
pub mod store;

pub use checkout::{Checkout, Token};
pub use now::Now;
pub use purchase::Purchase;
