//! Downloads (OR-9): links to files of what somebody has, which end and count, and what became of them.
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod download;
pub mod grpc;
pub mod link;
pub mod list;
pub mod make;
pub mod open;
pub mod patterns;
pub mod store;

pub use download::Download;
