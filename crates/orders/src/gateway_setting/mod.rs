//! How a store has set up its payment gateways (OR-3): which of them shoppers may pay by, and the keys of `stripe`, sealed
//! and told to nobody.
pub mod change;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod gateway_setting;
pub mod grpc;
pub mod reseal;
pub mod store;

pub use gateway_setting::GatewaySetting;
