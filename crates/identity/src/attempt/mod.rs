//! Attempts at credentials: how many failed, and how long the next one waits; and how often anybody may try, be sent
//! something or register from one network address (ID-27). Both are kept in the database, which all replicas share.
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod attempt;
pub mod limits;
pub mod rate;
pub mod store;

pub use attempt::{Limit, Tries};
pub use limits::Limits;
pub use rate::Rate;
