//! What staff do with customer records (CU-8, CU-11, CU-12).
pub mod change;
pub mod create;
pub mod details;
pub mod grpc;
pub mod many;
pub mod standing;
pub mod tags;
pub mod told;
