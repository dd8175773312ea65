//! Events on their way to webhooks (NO-5): what waits, what was tried, what became of it.
//!
//! Several processes may deliver at once: what is taken is leased. Whoever dies between sending and recording leaves a
//! delivery that is sent again, under the same `webhook-id`.
pub mod again;
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod hook_delivery;
pub mod list;
pub mod owners;
mod post;
pub mod queue;
mod resolver;
mod settle;
pub mod store;
pub mod sweep;
pub mod work;

pub use hook_delivery::{HookDelivery, State};
pub use work::{Posting, run};
