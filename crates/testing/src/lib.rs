//! What the tests of services stand on: fresh databases on the real PostgreSQL, actors of every kind, a manual clock.
//!
//! A service under test runs as in production, guard and verifier included; only identity is stood in for by
//! [`identity::Identity`], which publishes the key that [`actors`] signs with.
pub mod actors;
pub mod database;
pub mod identity;
pub mod rig;

pub use actors::Actors;
pub use rig::Rig;
