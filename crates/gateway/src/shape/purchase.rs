//! What somebody bought of a product, as the API shows it (CU-7).
use chrono::{DateTime, Utc};
use proto::orders::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::time;

/// A product that somebody bought, in however many orders that were not cancelled.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "product": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "sku": "MUG-1",
    "name": "Mug", "kind": "physical", "quantity": 3, "refunded": 1, "orders": 2, "first_bought_at": "2026-01-07T09:30:00Z",
    "last_bought_at": "2026-03-02T12:00:00Z", "last_order": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43",
}))]
pub struct Purchase {
    /// `prd_…`.
    pub product: String,
    /// Who sold it last, `sto_…`.
    pub store: String,
    /// As it was when last bought.
    pub sku: String,
    /// As it was when last bought.
    pub name: String,
    /// `physical` or `digital`.
    pub kind: String,
    /// How many were bought.
    pub quantity: u32,
    /// How many of them were taken back, or are being so.
    pub refunded: u32,
    /// In how many orders.
    pub orders: u32,
    /// When it was first bought.
    pub first_bought_at: Option<DateTime<Utc>>,
    /// When it was last bought.
    pub last_bought_at: Option<DateTime<Utc>>,
    /// In which order, `ord_…`.
    pub last_order: String,
}

impl From<pb::Purchase> for Purchase {
    fn from(purchase: pb::Purchase) -> Self {
        Self {
            product: purchase.product,
            store: purchase.store,
            sku: purchase.sku,
            name: purchase.name,
            kind: purchase.kind,
            quantity: purchase.quantity,
            refunded: purchase.refunded,
            orders: purchase.orders,
            first_bought_at: time(purchase.first_at),
            last_bought_at: time(purchase.last_at),
            last_order: purchase.last_order,
        }
    }
}
