//! Receipts and credit notes, the same for shoppers and staff.
use chrono::{DateTime, Utc};
use proto::orders::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Address, Money,
    order::{OrderDiscount, public_name},
    text, time,
};

/// A receipt of a paid order, or a credit note of what went back (OR-6). What it says was frozen when it was issued.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "rcp_01939b7e5d3c7a2c9d2f1e0b7c6a5d80", "order_id": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43",
    "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "kind": "receipt", "number": "2026-000001",
    "order_number": "1042", "corrects": null, "cancels": null, "issued_at": "2026-03-02T12:00:00Z",
    "placed_at": "2026-03-02T12:00:00Z", "timezone": "Europe/Berlin",
    "seller": {"name": "Corner Shop", "country": "DE", "mail": "shop@example.com", "url": null},
    "name": "Jane Doe", "email": "jane@example.com", "phone": null, "billing_address": null, "shipping_address": null,
    "lines": [{
        "name": "Mug", "sku": "MUG-1", "quantity": 2, "price": {"amount": 1999, "currency": "EUR"},
        "subtotal": {"amount": 3998, "currency": "EUR"},
    }],
    "discounts": [], "subtotal": {"amount": 3998, "currency": "EUR"}, "discount": {"amount": 0, "currency": "EUR"},
    "shipping": {"amount": 0, "currency": "EUR"}, "tax": {"amount": 0, "currency": "EUR"}, "included_tax": {"amount": 0, "currency": "EUR"},
    "total": {"amount": 3998, "currency": "EUR"},
    "payments": [{
        "description": "Payment taken", "amount": {"amount": 3998, "currency": "EUR"}, "at": "2026-03-02T12:00:00Z",
    }],
    "redacted": [],
}))]
pub struct Receipt {
    /// `rcp_…`.
    pub id: String,
    /// `ord_…`.
    pub order_id: String,
    /// `sto_…`.
    pub store: String,
    /// `receipt`, `credit_note` or `credit_note_cancellation`, on which every amount is less than nothing.
    pub kind: String,
    /// Without a gap in its store, kind and year.
    pub number: String,
    /// Number of the order.
    pub order_number: String,
    /// Of a credit note: number of the receipt that it takes from.
    pub corrects: Option<String>,
    /// Of a cancellation: number of the credit note that it cancels, since the money came back.
    pub cancels: Option<String>,
    /// When the money moved.
    pub issued_at: Option<DateTime<Utc>>,
    /// When the order was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// The store's time zone then, which decides the year.
    pub timezone: String,
    /// Who sold it.
    pub seller: ReceiptSeller,
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
    /// What was bought, or taken back.
    pub lines: Vec<ReceiptLine>,
    /// What was taken off and why.
    pub discounts: Vec<OrderDiscount>,
    /// Sum of the lines.
    pub subtotal: Money,
    /// Taken off.
    pub discount: Money,
    /// Shipping.
    pub shipping: Money,
    /// Tax: on top of prices on a receipt; on a credit note all that is within, however prices were told.
    pub tax: Money,
    /// Tax that prices hold already; on a receipt only.
    pub included_tax: Money,
    /// What was paid, or went back.
    pub total: Money,
    /// How.
    pub payments: Vec<ReceiptPayment>,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

/// Who sold, as the store was called then.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptSeller {
    /// Name of the store.
    pub name: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
    /// Address that its mails come from.
    pub mail: Option<String>,
    /// Its shop front.
    pub url: Option<String>,
}

/// A line of a receipt.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptLine {
    /// Name of the product then; `null` of what went back for no line.
    pub name: Option<String>,
    /// Its stock keeping unit then.
    pub sku: Option<String>,
    /// How many.
    pub quantity: u32,
    /// Price of one; `null` on a credit note.
    pub price: Option<Money>,
    /// What they cost, or what went back for them.
    pub subtotal: Money,
}

/// Money that moved.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptPayment {
    /// A sentence about it.
    pub description: String,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

impl From<pb::Receipt> for Receipt {
    fn from(receipt: pb::Receipt) -> Self {
        let money = |money: Option<_>| money.map(Money::from).unwrap_or_default();
        let total = receipt.total.clone();
        Self {
            id: receipt.id,
            order_id: receipt.order,
            store: receipt.store,
            kind: receipt.kind,
            number: receipt.number,
            order_number: receipt.order_number,
            corrects: text(receipt.corrects),
            cancels: text(receipt.cancels),
            issued_at: time(receipt.issued_at),
            placed_at: time(receipt.placed_at),
            timezone: receipt.timezone,
            seller: receipt.seller.unwrap_or_default().into(),
            name: text(receipt.name),
            email: text(receipt.email),
            phone: text(receipt.phone),
            billing_address: receipt.billing.map(Into::into),
            shipping_address: receipt.shipping_address.map(Into::into),
            lines: receipt.lines.into_iter().map(Into::into).collect(),
            discounts: receipt.discounts.into_iter().map(|off| OrderDiscount::of(off, total.as_ref())).collect(),
            subtotal: money(receipt.subtotal),
            discount: money(receipt.discount),
            shipping: money(receipt.shipping),
            tax: money(receipt.tax),
            included_tax: money(receipt.included_tax),
            total: money(receipt.total),
            payments: receipt.payments.into_iter().map(Into::into).collect(),
            redacted: receipt.redacted.into_iter().map(public_name).collect(),
        }
    }
}

impl From<pb::ReceiptSeller> for ReceiptSeller {
    fn from(seller: pb::ReceiptSeller) -> Self {
        let pb::ReceiptSeller { name, country, mail, url } = seller;
        Self { name, country: text(country), mail: text(mail), url: text(url) }
    }
}

impl From<pb::ReceiptLine> for ReceiptLine {
    fn from(line: pb::ReceiptLine) -> Self {
        let pb::ReceiptLine { name, sku, quantity, price, subtotal } = line;
        let subtotal = subtotal.map(Money::from).unwrap_or_default();
        Self { name: text(name), sku: text(sku), quantity, price: price.map(Into::into), subtotal }
    }
}

impl From<pb::ReceiptPayment> for ReceiptPayment {
    fn from(payment: pb::ReceiptPayment) -> Self {
        let pb::ReceiptPayment { description, amount, at } = payment;
        Self { description, amount: amount.map(Money::from).unwrap_or_default(), at: time(at) }
    }
}
