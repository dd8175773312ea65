//! Vouchers that orders used, and how often they may be (CA-5). Carts decide what they take off; orders count.
pub mod check;
pub mod redeem;
pub mod release;
mod store;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
mod voucher;

pub use voucher::Voucher;
