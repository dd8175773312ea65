//! Calls between services: who asks, the way there, what stands in front of every RPC, and how failures come back.
pub mod blocks;
pub mod broker;
pub mod call;
pub mod error;
pub mod guard;
pub mod listener;
pub mod messengers;
pub mod providers;
pub mod reads;
pub mod remote;
pub mod telemetry;
pub mod tls;
pub mod transport;
pub mod verifier;

pub use base::{denied, failure};
pub use call::Call;
pub use error::Error;
