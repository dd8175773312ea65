//! Carts that nobody touches (CA-2): abandoned, their owners reminded, expired.
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
mod idle;
mod remind;
pub(crate) mod store;
mod sweep;

pub use idle::{Fate, Idle, PATIENCE};
pub use remind::Reminders;
pub use sweep::Sweeper;
