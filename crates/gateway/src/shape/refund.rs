//! What goes back of an order, and what left the house for it.
use chrono::{DateTime, Utc};
use proto::orders::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Money, text, time};

/// Money that goes back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "rfd_01939b7e5d3c7a2c9d2f1e0b7c6a5d61", "order_id": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43",
    "status": "succeeded", "amount": {"amount": 1999, "currency": "EUR"}, "shipping": {"amount": 0, "currency": "EUR"},
    "lines": [{
        "line": "line_01939b7e5d3c7a2c9d2f1e0b7c6a5d45", "product": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46",
        "quantity": 1, "amount": {"amount": 1999, "currency": "EUR"},
    }],
    "reason": "One arrived broken.", "message": null, "gateway": "test", "created_at": "2026-03-03T09:00:00Z",
}))]
pub struct Refund {
    /// `rfd_…`.
    pub id: String,
    /// `ord_…`.
    pub order_id: String,
    /// `started`, `succeeded` or `failed`.
    pub status: String,
    /// How much in all.
    pub amount: Money,
    /// How much of it is for shipping.
    pub shipping: Money,
    /// For which lines.
    pub lines: Vec<RefundedLine>,
    /// Why, in the words of whoever did it; for staff only.
    pub reason: Option<String>,
    /// Why it failed.
    pub message: Option<String>,
    /// Gateway that it goes through; `manual` where the money goes back by other means.
    pub gateway: String,
    /// When it was begun.
    pub created_at: Option<DateTime<Utc>>,
}

/// What a refund takes back of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefundedLine {
    /// `line_…`.
    pub line: String,
    /// `prd_…`.
    pub product: String,
    /// How many.
    pub quantity: u32,
    /// How much goes back for them.
    pub amount: Money,
}

/// Something that left the house.
#[derive(Debug, Serialize, ToSchema)]
pub struct Shipment {
    /// `shp_…`.
    pub id: String,
    /// Who carries it.
    pub carrier: Option<String>,
    /// Number to follow it by.
    pub number: Option<String>,
    /// Page to follow it on.
    pub url: Option<String>,
    /// What is in it.
    pub lines: Vec<ShippedLine>,
    /// When.
    pub created_at: Option<DateTime<Utc>>,
}

/// So many of a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShippedLine {
    /// `line_…`.
    pub line: String,
    /// How many.
    pub quantity: u32,
}

impl From<pb::Refund> for Refund {
    fn from(refund: pb::Refund) -> Self {
        let amount: Money = refund.amount.map(Into::into).unwrap_or_default();
        let line = |line: pb::RefundedLine| RefundedLine {
            line: line.line,
            product: line.product,
            quantity: line.quantity,
            amount: Money { amount: line.amount, currency: amount.currency.clone() },
        };
        Self {
            id: refund.id,
            order_id: refund.order,
            status: refund.status,
            lines: refund.lines.into_iter().map(line).collect(),
            amount,
            shipping: refund.shipping.map(Into::into).unwrap_or_default(),
            reason: text(refund.reason),
            message: text(refund.message),
            gateway: refund.gateway,
            created_at: time(refund.created_at),
        }
    }
}

impl From<pb::Shipment> for Shipment {
    fn from(shipment: pb::Shipment) -> Self {
        let line = |line: pb::LineQuantity| ShippedLine { line: line.line, quantity: line.quantity };
        Self {
            id: shipment.id,
            carrier: text(shipment.carrier),
            number: text(shipment.number),
            url: text(shipment.url),
            lines: shipment.lines.into_iter().map(line).collect(),
            created_at: time(shipment.created_at),
        }
    }
}
