//! Files that go with what is written in tickets (ST-2).
pub mod add;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod attachment;
pub mod claim;
pub mod grpc;
pub mod store;

pub use attachment::Attachment;
