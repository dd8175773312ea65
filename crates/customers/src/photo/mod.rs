//! Photos of customers that were handed in, by themselves or by staff (CU-4).
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod photo;
pub mod put;
pub mod remove;
pub mod store;

pub use photo::Photo;
