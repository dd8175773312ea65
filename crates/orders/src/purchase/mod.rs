//! What customers bought, product by product (CU-7): told from the lines of their orders, kept nowhere else.
pub mod grpc;
pub mod list;
