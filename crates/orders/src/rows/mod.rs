//! Orders, the ledger and subscriptions as rows of files that customers writes (EX-1).
mod column;
pub mod grpc;
mod list;
