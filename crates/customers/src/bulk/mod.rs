//! One change to many customers (CU-8): up to a hundred at once, more as a job that is carried out behind the request.
pub mod begin;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod bulk;
pub mod store;
pub mod work;

pub use begin::{BeginBulk, begin_bulk, wanted};
pub use bulk::{Action, Change};
