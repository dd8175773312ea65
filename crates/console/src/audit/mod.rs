//! The audit: what was done, whether the record of it is whole, and who may do what (AD-1).
mod access;
mod list;
mod query;
mod row;
mod verify;

pub use access::access;
pub use list::list;
pub use verify::verify;
