//! What orders tells those who derive something from its events, and whether its own books agree (PL-2).
pub mod claims;
pub mod facts;
pub mod grpc;
pub mod inspect;
