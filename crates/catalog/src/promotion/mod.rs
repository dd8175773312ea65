//! Offers and vouchers (CA-5).
pub mod create;
pub mod delete;
pub mod grpc;
pub mod list;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod promotion;
pub mod replace;
pub mod store;
pub mod terms;

pub use promotion::Promotion;
pub use terms::{Cut, Terms};
