//! Orders, the same for shoppers and staff.
use chrono::{DateTime, Utc};
use proto::orders::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Address, Attribution, Gift, Money, Refund, Shipment, Shipping, text, time};
use crate::answer::Versioned;

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43", "number": "1042",
    "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "customer_id": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41",
    "cart_id": "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "subscription_id": null, "status": "placed",
    "payment_status": "paid",
    "fulfilment_status": "unfulfilled",
    "lines": [{
        "id": "line_01939b7e5d3c7a2c9d2f1e0b7c6a5d45", "product_id": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46",
        "sku": "MUG-1", "name": "Mug", "quantity": 2, "price": {"amount": 1999, "currency": "EUR"},
        "subtotal": {"amount": 3998, "currency": "EUR"}, "kind": "physical",
        "discount": {"amount": 0, "currency": "EUR"}, "tax": {"amount": 0, "currency": "EUR"},
        "included_tax": {"amount": 638, "currency": "EUR"}, "tax_rate": 1900, "tax_included": true, "plan": null,
        "package": "", "fulfilled": 0, "refunded": 0,
    }],
    "subtotal": {"amount": 3998, "currency": "EUR"}, "discount": {"amount": 0, "currency": "EUR"},
    "shipping": {"amount": 0, "currency": "EUR"}, "shipping_method": null, "tax": {"amount": 0, "currency": "EUR"},
    "included_tax": {"amount": 638, "currency": "EUR"},
    "total": {"amount": 3998, "currency": "EUR"},
    "name": "Jane Doe", "email": "jane@example.com", "phone": null, "billing_address": null,
    "shipping_address": null, "ip": "192.0.2.1", "user_agent": "curl/8.5.0", "gateway": "test",
    "transactions": [{
        "id": "txn_01939b7e5d3c7a2c9d2f1e0b7c6a5d47", "order_id": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43",
        "type": "payment", "status": "succeeded", "amount": {"amount": 3998, "currency": "EUR"}, "gateway": "test",
        "reference": "test_1", "description": "Paid by test card", "ip": "192.0.2.1",
        "created_at": "2026-03-02T12:00:00Z", "method": null, "reason": null,
    }],
    "history": [{
        "status": "placed", "actor": "system orders", "at": "2026-03-02T12:00:00Z", "kind": "status",
        "impersonator": null, "changes": [],
    }],
    "discounts": [], "attribution": null, "note": null, "tags": [], "shipments": [], "refunds": [],
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
    /// `cart_…` it came from; `null` of a renewal.
    pub cart_id: Option<String>,
    /// `sub_…` that it renews.
    pub subscription_id: Option<String>,
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
    /// What was taken off and why; adds up to the discount.
    pub discounts: Vec<OrderDiscount>,
    /// Shipping.
    pub shipping: Money,
    /// How it is shipped; `null` where nothing is.
    pub shipping_method: Option<Shipping>,
    /// Tax that came on top of prices and shipping.
    pub tax: Money,
    /// Tax that prices and shipping held already; no part of the sum.
    pub included_tax: Money,
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
    /// Who and what brought it about; for staff only.
    pub attribution: Option<Attribution>,
    /// Staff's own words about it; for staff only.
    pub note: Option<String>,
    /// Staff's tags; for staff only.
    pub tags: Vec<String>,
    /// What has left the house, oldest first.
    pub shipments: Vec<Shipment>,
    /// What was given back or is being so, oldest first.
    pub refunds: Vec<Refund>,
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
    /// Taken off the subtotal.
    pub discount: Money,
    /// Tax on top of what is left.
    pub tax: Money,
    /// Tax inside what is left.
    pub included_tax: Money,
    /// Rate of the tax: hundredths of a percent.
    pub tax_rate: u32,
    /// Whether the price held the tax.
    pub tax_included: bool,
    /// How it renews; `null` for what is bought once.
    pub plan: Option<LinePlan>,
    /// `file`, `bundle` or `combo`; empty for what is no package.
    pub package: String,
    /// How many have left the house.
    pub fulfilled: u32,
    /// How many were taken back, or are being so.
    pub refunded: u32,
    /// Who has it instead of whoever bought it, where it is a gift.
    pub gift: Option<Gift>,
    /// The record of that one, `cus_…`; staff see it.
    pub recipient: Option<String>,
}

/// How a line of an order renews.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinePlan {
    /// Id of the product's plan.
    pub id: String,
    /// Unit of its period, such as `month`.
    pub interval: String,
    /// How many of them make a period.
    pub count: u32,
    /// Price of one in each period to come.
    pub price: Money,
    /// How many days it is for nothing before the first of them.
    pub trial_days: u32,
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
    /// How it was paid, of an entry made by hand: `cash`, `transfer`, `card`, `cheque` or `other`.
    pub method: Option<String>,
    /// Why it was made by hand; for staff only.
    pub reason: Option<String>,
}

/// Something that happened to an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatusChange {
    /// Status after the change.
    pub status: String,
    /// Kind of actor and id.
    pub actor: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// `status`, `edited`, `payment`, `refund`, `refund_failed`, `shipment`, `cancelled` or `disputed`.
    pub kind: String,
    /// Who really acted, where the actor was acted for.
    pub impersonator: Option<String>,
    /// What an edit changed; for staff only.
    pub changes: Vec<FieldChange>,
}

/// A field before and after an edit.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// As it was.
    pub before: Option<String>,
    /// As it is since then.
    pub after: Option<String>,
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
            subscription_id: text(order.subscription),
            status: order.status,
            payment_status: order.payment_status,
            fulfilment_status: order.fulfilment_status,
            lines: order.lines.into_iter().map(Into::into).collect(),
            subtotal: money(order.subtotal),
            discounts: order.discounts.into_iter().map(|off| OrderDiscount::of(off, order.total.as_ref())).collect(),
            discount: money(order.discount),
            shipping: money(order.shipping),
            shipping_method: order.delivery.map(Into::into),
            tax: money(order.tax),
            included_tax: money(order.included_tax),
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
            attribution: order.attribution.map(Into::into),
            note: text(order.note),
            tags: order.tags,
            shipments: order.shipments.into_iter().map(Into::into).collect(),
            refunds: order.refunds.into_iter().map(Into::into).collect(),
            version: order.version,
            placed_at: time(order.placed_at),
            created_at: time(order.created_at),
            updated_at: time(order.updated_at),
            redacted: order.redacted.into_iter().map(public_name).collect(),
        }
    }
}

/// Something that was taken off an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderDiscount {
    /// `off_…` or `vou_…`.
    pub id: String,
    /// As the customer read it.
    pub name: String,
    /// Code that brought it; `null` of an offer, which comes by itself.
    pub code: Option<String>,
    /// How much.
    pub amount: Money,
}

impl OrderDiscount {
    /// In the currency of `total`.
    pub(super) fn of(discount: pb::AppliedDiscount, total: Option<&proto::base::v1::Money>) -> Self {
        let currency = total.map(|total| total.currency.clone()).unwrap_or_default();
        let amount = Money { amount: discount.amount, currency };
        Self { id: discount.promotion, name: discount.name, code: text(discount.code), amount }
    }
}

impl From<pb::OrderLine> for OrderLine {
    fn from(line: pb::OrderLine) -> Self {
        let plan = line.plan.map(|plan| LinePlan::of(plan, line.price.as_ref()));
        Self {
            id: line.id,
            product_id: line.product,
            sku: line.sku,
            name: line.name,
            quantity: line.quantity,
            price: line.price.map(Into::into).unwrap_or_default(),
            subtotal: line.subtotal.map(Into::into).unwrap_or_default(),
            kind: line.kind,
            discount: line.discount.map(Into::into).unwrap_or_default(),
            tax: line.tax.map(Into::into).unwrap_or_default(),
            included_tax: line.included_tax.map(Into::into).unwrap_or_default(),
            tax_rate: line.tax_rate,
            tax_included: line.tax_included,
            plan,
            package: line.package,
            fulfilled: line.fulfilled,
            refunded: line.refunded,
            gift: line.gift.map(Into::into),
            recipient: text(line.recipient),
        }
    }
}

impl LinePlan {
    /// In the currency of the line's `price`.
    fn of(plan: pb::LinePlan, price: Option<&proto::base::v1::Money>) -> Self {
        let pb::LinePlan { id, interval, count, price: amount, trial_days } = plan;
        let currency = price.map(|price| price.currency.clone()).unwrap_or_default();
        Self { id, interval, count, price: Money { amount, currency }, trial_days }
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
            method: text(entry.method),
            reason: text(entry.reason),
        }
    }
}

impl From<pb::StatusChange> for StatusChange {
    fn from(change: pb::StatusChange) -> Self {
        let field =
            |one: pb::FieldChange| FieldChange { field: one.field, before: text(one.before), after: text(one.after) };
        Self {
            status: change.status,
            actor: change.actor,
            at: time(change.at),
            kind: change.kind,
            impersonator: text(change.impersonator),
            changes: change.changes.into_iter().map(field).collect(),
        }
    }
}

/// What a field of the contract is called here.
pub(super) fn public_name(field: String) -> String {
    if field == "billing" { "billing_address".to_owned() } else { field }
}
