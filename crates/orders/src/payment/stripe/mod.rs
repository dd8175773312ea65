//! The `stripe` gateway (OR-3), over Stripe's own HTTP API. A payment is made there in two steps: one that moves no money
//! and whose name is written down, and one that confirms it. Whatever breaks off in between can so be looked up, or
//! cancelled for good, by name; nothing depends on how long Stripe remembers an idempotency key.
//!
//! The client is our own: the handful of calls and fields that are used here, where a complete one brings thousands.
pub mod account;
pub mod amount;
pub mod client;
pub mod departure;
pub mod event;
pub mod give_back;
pub mod grpc;
pub mod method;
pub mod receive;
pub mod refusal;
pub mod signature;
pub mod store;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod stripe;
pub mod wire;

pub use stripe::Stripe;
