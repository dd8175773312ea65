//! An order as its page shows it.
use proto::orders::v1::{Order, OrderLine, StatusChange, Transaction};

use crate::{
    show::{Badge, Fact, Moment, Redacted, label, postal, price},
    staff::Session,
};

/// An order.
pub struct Record {
    /// Number that people use.
    pub number: String,
    /// `cus_…`; empty when it belongs to nobody.
    pub customer: String,
    /// When it was placed, or else begun.
    pub placed: Option<Moment>,
    /// Name of the store.
    pub store: String,
    /// Status, payment, fulfilment: each with its name.
    pub states: Vec<(&'static str, Badge)>,
    /// What was bought.
    pub lines: Vec<Line>,
    /// Subtotal, discount, shipping, tax.
    pub sums: Vec<(&'static str, String)>,
    /// What was to be paid.
    pub total: String,
    /// Who ordered, from where.
    pub contact: Vec<Fact>,
    /// Where it is billed and shipped; only what there is.
    pub addresses: Vec<(&'static str, String, bool)>,
    /// Movements of money, oldest first.
    pub transactions: Vec<Movement>,
    /// Changes of status, oldest first.
    pub history: Vec<Change>,
    /// Names of the masked fields, in words.
    pub redacted: Vec<String>,
}

/// A line.
pub struct Line {
    /// Name of the product.
    pub name: String,
    /// SKU.
    pub sku: String,
    /// "Physical" or "Digital".
    pub kind: String,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub price: String,
    /// Price times quantity.
    pub subtotal: String,
}

/// A movement of money.
pub struct Movement {
    /// When.
    pub at: Option<Moment>,
    /// What it was.
    pub kind: String,
    /// Whether it went well.
    pub status: Badge,
    /// How much.
    pub amount: String,
    /// Payment gateway.
    pub gateway: String,
    /// The gateway's own reference.
    pub reference: String,
    /// A sentence about it.
    pub description: String,
}

/// A change of status.
pub struct Change {
    /// When.
    pub at: Option<Moment>,
    /// Status after it.
    pub status: Badge,
    /// Who did it.
    pub actor: String,
}

impl Record {
    /// The page's view of `order`.
    pub fn new(order: Order, session: &Session) -> Self {
        let zone = session.zone;
        let redacted = Redacted(&order.redacted);
        let states =
            [("Order", &order.status), ("Payment", &order.payment_status), ("Delivery", &order.fulfilment_status)];
        let sums = [("Discount", &order.discount), ("Shipping", &order.shipping), ("Tax", &order.tax)];
        let sums = sums.into_iter().filter(|(_, sum)| sum.as_ref().is_some_and(|money| money.amount != 0));
        Self {
            placed: Moment::new(order.placed_at.as_ref().or(order.created_at.as_ref()), zone),
            store: session.store_name(&order.store),
            states: states.into_iter().map(|(name, slug)| (name, Badge::new(slug))).collect(),
            sums: [("Subtotal", &order.subtotal)]
                .into_iter()
                .chain(sums)
                .map(|(n, s)| (n, price(s.as_ref())))
                .collect(),
            total: price(order.total.as_ref()),
            contact: contact(&order, &redacted),
            addresses: addresses(&order, &redacted),
            redacted: order.redacted.iter().map(|field| label::field(field)).collect(),
            lines: order.lines.into_iter().map(Line::new).collect(),
            transactions: order.transactions.into_iter().map(|entry| Movement::new(entry, session)).collect(),
            history: order.history.iter().map(|change| Change::new(change, session)).collect(),
            number: order.number,
            customer: order.customer,
        }
    }
}

fn contact(order: &Order, redacted: &Redacted<'_>) -> Vec<Fact> {
    let gateway = label::words(&order.gateway);
    let known = [
        ("Name", "name", &order.name),
        ("E-mail", "email", &order.email),
        ("Phone", "phone", &order.phone),
        ("Paid with", "gateway", &gateway),
        ("Network address", "ip", &order.ip),
        ("Browser", "user_agent", &order.user_agent),
    ];
    known.into_iter().filter_map(|(label, field, value)| redacted.fact(label, field, value)).collect()
}

fn addresses(order: &Order, redacted: &Redacted<'_>) -> Vec<(&'static str, String, bool)> {
    let known = [("Billed to", "billing", &order.billing), ("Shipped to", "shipping_address", &order.shipping_address)];
    let shown = known.into_iter().filter_map(|(title, field, address)| {
        let text = postal(address.as_ref()?);
        (!text.is_empty()).then(|| (title, text, redacted.has(field)))
    });
    shown.collect()
}

impl Line {
    fn new(line: OrderLine) -> Self {
        Self {
            kind: label::words(&line.kind),
            quantity: line.quantity,
            price: price(line.price.as_ref()),
            subtotal: price(line.subtotal.as_ref()),
            name: line.name,
            sku: line.sku,
        }
    }
}

impl Movement {
    fn new(entry: Transaction, session: &Session) -> Self {
        Self {
            at: Moment::new(entry.created_at.as_ref(), session.zone),
            kind: label::words(&entry.r#type),
            status: Badge::new(&entry.status),
            amount: price(entry.amount.as_ref()),
            gateway: label::words(&entry.gateway),
            reference: entry.reference,
            description: entry.description,
        }
    }
}

impl Change {
    fn new(change: &StatusChange, session: &Session) -> Self {
        // The kind of actor is enough for a reader; ids are for the audit.
        let kind = change.actor.split_whitespace().next().unwrap_or_default();
        Self {
            at: Moment::new(change.at.as_ref(), session.zone),
            status: Badge::new(&change.status),
            actor: label::words(kind),
        }
    }
}
