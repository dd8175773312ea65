//! Support tickets: the list, one of them, and those of a customer (ST-1, ST-2).
mod customer;
mod detail;
pub mod files;
mod list;
mod query;
mod row;
mod write;

pub use customer::{list as list_of_customer, open};
pub use detail::show;
pub use files::received;
pub use list::list;
pub use row::{Comment, Row};
pub use write::{change, follow_up, read, write};
