//! How staff sign in: password, then the second factor when one is enrolled (ID-20).
pub mod challenge;
pub mod create;
pub mod grpc;
pub mod step_up;
pub mod store;
pub mod verify;
