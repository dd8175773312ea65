//! What every service needs and none owns. A service that uses it reads as its rules and nothing else.
pub mod audit;
pub mod db;
mod gauges;
pub mod idempotency;
pub mod inbox;
pub mod outbox;
pub mod reads;
pub mod ready;
pub mod service;
pub mod settings;
pub mod stores;

pub use base::{
    actor, address, assertion, attribution, clock, comparison, customer_key, denied, email, id, ids, label, money,
    page, permission, personal, phone, reconcile, redact, rows, sealed, secret, signature,
};
pub use db::{Db, Tx};
pub use mesh::{Call, Error, blocks, call, error, failure, guard, telemetry, tls, transport, verifier};
pub use pool;
