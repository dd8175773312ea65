//! What orders come to, by who and what brought them about (CA-8).
pub mod grpc;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod report;
pub mod store;
