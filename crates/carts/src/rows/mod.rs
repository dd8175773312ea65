//! Open carts as rows of files that customers writes (EX-1).
mod column;
pub mod grpc;
