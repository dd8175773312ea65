//! Clean-up: removes accounts that an audit found, each judged anew at the moment it goes (AD-3).
pub mod begin;
pub mod block;
pub mod choice;
pub mod grpc;
pub mod report;
pub mod store;
pub mod work;
