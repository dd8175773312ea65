//! Load for a running house: closed loops over plain HTTP/1.1 connections, and what they cost the machine.
//!
//! It shares the processors with what it measures, so it does as little as it can: one thread, one task for each
//! connection, buffers kept, answers read only where the next request needs a value of them.
pub mod access;
pub mod connection;
pub mod events;
pub mod hashing;
pub mod measurement;
pub mod prepare;
pub mod pricing;
pub mod process;
pub mod scenario;
