//! Erasing people (CU-15), on the staff's word or because they closed their account (ID-13), and giving them all that is
//! kept of them.
pub mod closure;
pub mod erase;
pub mod export;
pub mod grpc;
pub mod peers;
mod store;
pub mod whom;
pub mod work;
