//! Whom somebody may write to (NO-6): where messages go, and whether they may.
pub mod grpc;
mod list;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
mod recipient;
mod settle;
