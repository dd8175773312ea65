//! Closing one's own account in two steps (ID-13): a code, then the end of everything that signs in.
pub mod begin;
pub mod confirm;
pub mod grpc;
