//! How customers sign in, as staff see and manage it (CU-8).
pub mod end;
pub mod grpc;
pub mod moved;
pub mod reset;
pub mod store;
pub mod unlock;
pub mod view;
