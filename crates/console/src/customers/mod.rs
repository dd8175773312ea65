//! Customers: the list and the profile.
mod list;
mod profile;
mod query;
mod record;
mod row;

pub use list::list;
pub use profile::profile;
