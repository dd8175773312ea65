//! Carts, the same for shoppers and staff.
use chrono::{DateTime, Utc};
use proto::carts::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Contact, text, time};
use crate::answer::Versioned;

/// A cart. Its money is in minor units of its one currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "customer_id": null,
    "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "status": "open", "currency": "EUR", "subtotal": 3998,
    "total": 3998, "total_items": 2, "total_unique_items": 1,
    "items": [{
        "id": "line_01939b7e5d3c7a2c9d2f1e0b7c6a5d45", "product_id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46",
        "sku": "MUG-1", "name": "Mug", "description": "Holds a pint.",
        "product_image_url": "https://shop.example.com/mug.jpg", "quantity": 2, "price": 1999, "subtotal": 3998,
        "plan": null, "meta": {}, "is_available": true, "kind": "physical",
    }],
    "discounts": [], "discount_code": null, "contact": null, "order_id": null,
    "expires_at": "2026-03-09T12:00:00Z", "version": 2, "created_at": "2026-03-02T12:00:00Z",
    "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct Cart {
    /// `cart_…`.
    pub id: String,
    /// `cus_…`, once it is known.
    pub customer_id: Option<String>,
    /// `sto_…`; a network's cart has one with its first line.
    pub store: Option<String>,
    /// `open`, `closed` or `expired`.
    pub status: String,
    /// ISO 4217 code, once the store is known.
    pub currency: Option<String>,
    /// Sum of the items.
    pub subtotal: i64,
    /// What is to be paid.
    pub total: i64,
    /// Sum of the quantities.
    pub total_items: u64,
    /// Number of items.
    pub total_unique_items: usize,
    /// What is in it, in the order it was added.
    pub items: Vec<CartItem>,
    /// What is taken off, and why.
    #[schema(value_type = Vec<Object>)]
    pub discounts: Vec<serde_json::Value>,
    /// Voucher or coupon in use.
    pub discount_code: Option<String>,
    /// Who buys; shown to themselves and to staff only.
    pub contact: Option<Contact>,
    /// `ord_…` it became.
    pub order_id: Option<String>,
    /// When it expires without activity.
    pub expires_at: Option<DateTime<Utc>>,
    /// Grows with every change.
    pub version: i64,
    /// When it was opened.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// A line of a cart.
#[derive(Debug, Serialize, ToSchema)]
pub struct CartItem {
    /// `line_…`.
    pub id: String,
    /// `prd_…`.
    pub product_id: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Name of the product.
    pub name: String,
    /// Description of the product.
    pub description: String,
    /// Main image of the product.
    pub product_image_url: Option<String>,
    /// How many.
    pub quantity: u32,
    /// Price of one, by the server.
    pub price: i64,
    /// Price times quantity.
    pub subtotal: i64,
    /// Subscription plan; `null` for a single purchase.
    pub plan: Option<String>,
    /// What the shop front noted with it.
    #[schema(value_type = Object)]
    pub meta: serde_json::Map<String, serde_json::Value>,
    /// Whether the product can still be bought.
    pub is_available: bool,
    /// `physical` or `digital`.
    pub kind: String,
}

impl Versioned for Cart {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Cart> for Cart {
    fn from(cart: pb::Cart) -> Self {
        Self {
            id: cart.id,
            customer_id: text(cart.customer),
            store: text(cart.store),
            status: cart.status,
            currency: text(cart.currency),
            subtotal: cart.subtotal,
            total: cart.total,
            total_items: cart.lines.iter().map(|line| u64::from(line.quantity)).sum(),
            total_unique_items: cart.lines.len(),
            items: cart.lines.into_iter().map(Into::into).collect(),
            discounts: Vec::new(),
            discount_code: None,
            contact: cart.contact.map(Into::into),
            order_id: text(cart.order),
            expires_at: time(cart.expires_at),
            version: cart.version,
            created_at: time(cart.created_at),
            updated_at: time(cart.updated_at),
        }
    }
}

impl From<pb::Line> for CartItem {
    fn from(line: pb::Line) -> Self {
        Self {
            id: line.id,
            product_id: line.product,
            sku: line.sku,
            name: line.name,
            description: line.description,
            product_image_url: text(line.image_url),
            quantity: line.quantity,
            price: line.price,
            subtotal: line.subtotal,
            plan: None,
            meta: serde_json::Map::new(),
            is_available: line.available,
            kind: line.kind,
        }
    }
}
