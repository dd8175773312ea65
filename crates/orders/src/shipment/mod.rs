//! Shipments: what of an order left the house together, and how to follow it (OR-2).
#[expect(clippy::module_inception, reason = "every noun's own file has its name")]
pub mod shipment;
pub mod store;

pub use shipment::{Portion, Shipment, ShipmentId, Tracking};
