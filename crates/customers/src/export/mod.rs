//! Lists as files (EX-1 to EX-3): asked for, written behind the request, read by a signed link, removed.
pub(crate) mod cell;
pub mod column;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod export;
pub mod grpc;
mod link;
pub mod lists;
mod request;
pub mod sheet;
mod source;
mod store;
pub mod work;

pub(crate) use export::{all, condition};
