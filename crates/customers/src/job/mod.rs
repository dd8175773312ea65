//! Work that takes longer than a request: who began it, how far it is, and what each service has done of it.
mod begin;
mod cancel;
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod job;
mod report;
mod step;
pub(crate) mod store;

pub use begin::{NewJob, begin};
pub use job::{Job, Kind, State};
pub(crate) use step::record_own;
pub use step::{Step, record_step};
pub(crate) use store::{find, parts};
