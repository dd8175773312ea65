//! Who stays, who goes silent, who comes back (CU-17).
mod cohort;
pub mod grpc;
pub mod level;
mod store;
