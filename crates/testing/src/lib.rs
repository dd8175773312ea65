//! What the tests of services stand on: fresh databases on the real PostgreSQL, actors of every kind, a manual clock.
//!
//! A service under test runs as in production, guard and verifier included; only identity is stood in for by
//! [`identity::Identity`], which publishes the key that [`actors`] signs with.
pub mod actors;
pub mod broker;
pub mod database;
pub mod devices;
pub mod identity;
pub mod local_stripe;
pub mod merges;
pub mod openid;
pub mod rig;
pub mod stripe;
mod stripe_books;
pub mod witnesses;

pub use actors::Actors;
pub use broker::Broker;
pub use devices::Devices;
pub use local_stripe::LocalStripe;
pub use rig::Rig;
pub use stripe::FakeStripe;
pub use witnesses::Witnesses;

/// Shows warnings of the code under test beside the test's own output.
pub fn log() {
    // A second test of the same process finds it in place already.
    let _ = tracing_subscriber::fmt().with_test_writer().with_env_filter("warn").try_init();
}
