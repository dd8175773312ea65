//! The link in every marketing message that ends them (CU-16).
pub mod grpc;
pub mod token;
