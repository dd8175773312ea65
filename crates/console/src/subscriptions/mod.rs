//! Subscriptions: their list, the page of one, and what is done with it from there (OR-7).
mod act;
mod detail;
mod list;
mod record;

pub use act::act;
pub use detail::detail;
pub use list::{export, list};
pub use record::Record;
