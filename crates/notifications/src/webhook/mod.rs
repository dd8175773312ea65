//! Addresses that are told of what happens (NO-5): who may set them up, where they may lead, what signs what they hear.
pub mod change;
pub mod create;
pub mod grpc;
pub mod remove;
pub mod rotate;
pub mod secret;
pub mod store;
pub mod target;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod webhook;

pub use webhook::{Place, Webhook};
