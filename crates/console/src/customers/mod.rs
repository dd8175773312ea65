//! Customers: the list and the profile.
mod impersonate;
mod list;
mod profile;
mod query;
mod record;
mod row;

pub use impersonate::{ask_why, end_impersonation, impersonate};
pub use list::list;
pub use profile::profile;
