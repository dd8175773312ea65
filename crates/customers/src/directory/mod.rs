//! The member directory: visible to members, showing only who is one (CU-12).
pub mod grpc;
mod store;
