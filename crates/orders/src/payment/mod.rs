//! Payments: one attempt each to get an order paid, the gateways that take them, and the reaper that leaves none
//! hanging (OR-1, OR-3).
pub mod back;
pub mod gateway;
pub mod grpc;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod payment;
pub mod reap;
pub mod secret;
pub mod settle;
pub mod store;
pub mod stripe;
pub mod test_gateway;

pub use gateway::{Gateway, Gateways};
pub use payment::{Move, Payment, PaymentId, Refusal, State, Verdict};
pub use stripe::Stripe;
