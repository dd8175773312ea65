//! Orders, the same for shoppers and staff.
use chrono::{DateTime, Utc};
use proto::orders::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Address, Money, text, time};
use crate::answer::Versioned;

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43", "number": "1042",
    "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "customer_id": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41",
    "cart_id": "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "status": "placed", "payment_status": "paid",
    "fulfilment_status": "unfulfilled",
    "lines": [{
        "id": "line_01939b7e5d3c7a2c9d2f1e0b7c6a5d45", "product_id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46",
        "sku": "MUG-1", "name": "Mug", "quantity": 2, "price": {"amount": 1999, "currency": "EUR"},
        "subtotal": {"amount": 3998, "currency": "EUR"}, "kind": "physical",
    }],
    "subtotal": {"amount": 3998, "currency": "EUR"}, "discount": {"amount": 0, "currency": "EUR"},
    "shipping": {"amount": 0, "currency": "EUR"}, "tax": {"amount": 0, "currency": "EUR"},
    "total": {"amount": 3998, "currency": "EUR"},
    "name": "Jane Doe", "email": "jane@example.com", "phone": null, "billing_address": null,
    "shipping_address": null, "ip": "192.0.2.1", "user_agent": "curl/8.5.0", "gateway": "test",
    "transactions": [{
        "id": "txn_01939b7e5d3c7a2c9d2f1e0b7c6a5d47", "order_id": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43",
        "type": "payment", "status": "succeeded", "amount": {"amount": 3998, "currency": "EUR"}, "gateway": "test",
        "reference": "test_1", "description": "Paid by test card", "ip": "192.0.2.1",
        "created_at": "2026-03-02T12:00:00Z",
    }],
    "history": [{"status": "placed", "actor": "system orders", "at": "2026-03-02T12:00:00Z"}],
    "version": 2, "placed_at": "2026-03-02T12:00:00Z", "created_at": "2026-03-02T12:00:00Z",
    "updated_at": "2026-03-02T12:00:00Z", "redacted": [],
}))]
pub struct Order {
    /// `ord_…`.
    pub id: String,
    /// Number that people use.
    pub number: String,
    /// `sto_…`.
    pub store: String,
    /// `cus_…`.
    pub customer_id: Option<String>,
    /// `cart_…` it came from.
    pub cart_id: Option<String>,
    /// `pending`, `placed`, `completed` or `cancelled`.
    pub status: String,
    /// `pending`, `paid`, `partially_refunded`, `refunded` or `failed`.
    pub payment_status: String,
    /// `unfulfilled`, `partial` or `fulfilled`.
    pub fulfilment_status: String,
    /// What was bought, as it was then.
    pub lines: Vec<OrderLine>,
    /// Sum of the lines.
    pub subtotal: Money,
    /// Taken off.
    pub discount: Money,
    /// Shipping.
    pub shipping: Money,
    /// Tax.
    pub tax: Money,
    /// What was to be paid.
    pub total: Money,
    /// Full name as entered.
    pub name: Option<String>,
    /// E-mail as entered.
    pub email: Option<String>,
    /// Phone as entered.
    pub phone: Option<String>,
    /// Where it is billed.
    pub billing_address: Option<Address>,
    /// Where it is shipped.
    pub shipping_address: Option<Address>,
    /// Network address it was placed from.
    pub ip: Option<String>,
    /// User agent it was placed with.
    pub user_agent: Option<String>,
    /// Payment gateway.
    pub gateway: String,
    /// Movements of money, oldest first.
    pub transactions: Vec<Transaction>,
    /// Changes of status, oldest first.
    pub history: Vec<StatusChange>,
    /// Grows with every change.
    pub version: i64,
    /// When it was placed; `null` while pending.
    pub placed_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderLine {
    /// `line_…`.
    pub id: String,
    /// `prd_…`.
    pub product_id: String,
    /// Stock keeping unit.
    pub sku: String,
    /// Name of the product.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub price: Money,
    /// Price times quantity.
    pub subtotal: Money,
    /// `physical` or `digital`.
    pub kind: String,
}

/// A movement of money.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transaction {
    /// `txn_…`.
    pub id: String,
    /// `ord_…`.
    pub order_id: String,
    /// `authorization`, `capture`, `payment`, `refund` or `void`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `succeeded` or `failed`.
    pub status: String,
    /// How much.
    pub amount: Money,
    /// Payment gateway.
    pub gateway: String,
    /// The gateway's own reference.
    pub reference: Option<String>,
    /// A sentence about it.
    pub description: String,
    /// Network address of the client.
    pub ip: Option<String>,
    /// When.
    pub created_at: Option<DateTime<Utc>>,
}

/// A change of an order's status.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusChange {
    /// Status after the change.
    pub status: String,
    /// Kind of actor and id.
    pub actor: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

impl Versioned for Order {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Order> for Order {
    fn from(order: pb::Order) -> Self {
        let money = |money: Option<_>| money.map(Money::from).unwrap_or_default();
        Self {
            id: order.id,
            number: order.number,
            store: order.store,
            customer_id: text(order.customer),
            cart_id: text(order.cart),
            status: order.status,
            payment_status: order.payment_status,
            fulfilment_status: order.fulfilment_status,
            lines: order.lines.into_iter().map(Into::into).collect(),
            subtotal: money(order.subtotal),
            discount: money(order.discount),
            shipping: money(order.shipping),
            tax: money(order.tax),
            total: money(order.total),
            name: text(order.name),
            email: text(order.email),
            phone: text(order.phone),
            billing_address: order.billing.map(Into::into),
            shipping_address: order.shipping_address.map(Into::into),
            ip: text(order.ip),
            user_agent: text(order.user_agent),
            gateway: order.gateway,
            transactions: order.transactions.into_iter().map(Into::into).collect(),
            history: order.history.into_iter().map(Into::into).collect(),
            version: order.version,
            placed_at: time(order.placed_at),
            created_at: time(order.created_at),
            updated_at: time(order.updated_at),
            redacted: order.redacted.into_iter().map(public_name).collect(),
        }
    }
}

impl From<pb::OrderLine> for OrderLine {
    fn from(line: pb::OrderLine) -> Self {
        Self {
            id: line.id,
            product_id: line.product,
            sku: line.sku,
            name: line.name,
            quantity: line.quantity,
            price: line.price.map(Into::into).unwrap_or_default(),
            subtotal: line.subtotal.map(Into::into).unwrap_or_default(),
            kind: line.kind,
        }
    }
}

impl From<pb::Transaction> for Transaction {
    fn from(entry: pb::Transaction) -> Self {
        Self {
            id: entry.id,
            order_id: entry.order,
            kind: entry.r#type,
            status: entry.status,
            amount: entry.amount.map(Into::into).unwrap_or_default(),
            gateway: entry.gateway,
            reference: text(entry.reference),
            description: entry.description,
            ip: text(entry.ip),
            created_at: time(entry.created_at),
        }
    }
}

impl From<pb::StatusChange> for StatusChange {
    fn from(change: pb::StatusChange) -> Self {
        Self { status: change.status, actor: change.actor, at: time(change.at) }
    }
}

/// What a field of the contract is called here.
fn public_name(field: String) -> String {
    if field == "billing" { "billing_address".to_owned() } else { field }
}
