//! What webhooks are told of (NO-5): the events of the house under public names. Whoever adds an event to the house says
//! here what the world learns of it: ids, amounts and states, never personal data (ID-23). The rest is read by the API,
//! with whatever permissions the reader has.
mod carts;
mod customers;
pub mod fan_out;
#[expect(clippy::module_inception, reason = "the noun itself, as in every service")]
pub mod hook_event;
mod library;
mod products;
mod shops;
mod subscriptions;
mod tickets;

pub use fan_out::fan_out;
pub use hook_event::{KINDS, Kind, PING, Public, Told, body, is_known, kind, ping};
