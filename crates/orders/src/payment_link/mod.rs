//! Links by which an invoice is paid: unguessable, kept as a hash, ending, revocable (OR-2).
pub mod create;
pub mod grpc;
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod payment_link;
pub mod post;
pub mod revoke;
pub mod show;
pub mod store;

pub use payment_link::{PaymentLink, PaymentLinkId};
