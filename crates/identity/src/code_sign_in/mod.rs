//! Signing in with a code instead of a password (ID-3).
pub mod grpc;
pub mod request;
pub mod verify;
