//! Signing in by a check-out link (CA-6): the one way in for guests beside the portal (ID-8).
pub mod grpc;
pub mod revoked;
pub mod sign_in;

/// The method that sessions of links name. Staff made the link: it proves nothing freshly.
pub use kit::actor::CHECKOUT_LINK as METHOD;
