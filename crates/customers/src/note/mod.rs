//! What staff note about customers (CU-10).
pub mod add;
pub mod edit;
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod note;
pub(crate) mod store;

pub use note::Note;
