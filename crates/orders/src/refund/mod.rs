//! Refunds: money that goes back, never more than came in, through the gateway that took it (OR-5).
pub mod begin;
pub mod finish;
pub mod grpc;
pub mod late;
pub mod plan;
pub mod reap;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod refund;
pub mod settle;
pub mod share;
pub mod store;
pub mod theirs;

pub use begin::{Wish, begin_refund, begin_restitution};
pub use finish::Finisher;
pub use plan::{Plan, Wanted};
pub use refund::{Answer, Refund, RefundId, Returned, State};
pub use theirs::Theirs;
