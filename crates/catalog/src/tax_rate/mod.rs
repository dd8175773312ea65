//! Tax rates of stores (CA-11).
pub mod grpc;
pub mod store;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod tax_rate;

pub use tax_rate::TaxRate;
