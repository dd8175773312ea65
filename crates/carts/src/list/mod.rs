//! Lists of carts, for remarketing and service (CA-3).
mod filter;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
mod list;
mod store;

pub use list::Query;
pub use store::{count, count_all, page};
