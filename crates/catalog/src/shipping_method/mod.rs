//! Ways of stores to ship (CA-11).
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod shipping_method;
pub mod store;

pub use shipping_method::ShippingMethod;
