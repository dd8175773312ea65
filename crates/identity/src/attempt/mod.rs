//! Attempts at credentials: how many failed, and how long the next one waits (ID-27).
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod attempt;
pub mod store;

pub use attempt::{Attempts, Limit};
