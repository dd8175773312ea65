//! The audit (AD-1): one chain per customer base, which is added to only. Every service tells what was done in it; the
//! one writer is here.
pub mod access;
pub mod append;
pub mod chain;
pub mod checkpoint;
pub mod entry;
pub mod everywhere;
pub mod grpc;
pub mod list;
pub mod show;
pub mod store;
pub mod verify;
pub mod words;

pub use entry::Entry;
