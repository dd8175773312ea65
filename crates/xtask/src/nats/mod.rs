//! A private nats-server with JetStream: found or installed, configured, started, stopped.

mod binary;
mod config;
mod server;

pub use binary::Binary;
pub use config::Profile;
pub use server::{Running, Server};
