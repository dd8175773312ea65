//! What staff write themselves (NO-6).
pub mod grpc;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod letter;
pub mod write;

pub use letter::Letter;
