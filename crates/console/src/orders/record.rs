//! An order as its page shows it.
use proto::orders::v1::{Order, OrderLine, Refund, Shipment, StatusChange, Transaction};

use crate::{
    show::{Badge, Fact, Moment, Redacted, credit, label, postal, price, recipient},
    staff::Session,
};

/// What may be done with an order as it is, by whoever looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a form of its own")]
pub struct Can {
    /// Change what was entered, the note and the tags.
    pub edit: bool,
    /// Call it off.
    pub cancel: bool,
    /// Enter money that came otherwise.
    pub pay: bool,
    /// Note that something left the house.
    pub fulfil: bool,
    /// Give money back.
    pub refund: bool,
}

impl Can {
    /// By somebody who `writes` orders, or `refunds`.
    pub fn of(order: &Order, writes: bool, refunds: bool) -> Self {
        let (is_placed, is_open) = (order.status == "placed", order.status != "cancelled");
        let is_paid = ["paid", "partially_refunded"].contains(&&*order.payment_status);
        let captured: i64 = order.transactions.iter().filter(|entry| came_in(entry)).map(sum).sum();
        let due = order.total.as_ref().map_or(0, |total| total.amount) - captured;
        Self {
            edit: writes && is_open,
            cancel: writes && is_placed && order.fulfilment_status == "unfulfilled" && (refunds || !is_paid),
            pay: writes && is_open && (order.payment_status == "pending" || due > 0),
            fulfil: writes && is_placed && order.fulfilment_status != "fulfilled",
            refund: refunds && captured > 0 && order.payment_status != "refunded",
        }
    }
}

/// Whether `entry` tells of money that came in.
fn came_in(entry: &Transaction) -> bool {
    ["payment", "capture"].contains(&&*entry.r#type) && entry.status == "succeeded"
}

fn sum(entry: &Transaction) -> i64 {
    entry.amount.as_ref().map_or(0, |amount| amount.amount)
}

/// Something that left the house.
pub struct Parcel {
    /// When.
    pub at: Option<Moment>,
    /// Who carries it, and its number.
    pub tracking: String,
    /// A page to follow it on; may be empty.
    pub url: String,
    /// How many units.
    pub units: u32,
}

/// Money that goes back.
pub struct Back {
    /// When it was begun.
    pub at: Option<Moment>,
    /// How it stands.
    pub status: Badge,
    /// How much.
    pub amount: String,
    /// Why, and why it failed.
    pub words: String,
}

/// An order.
pub struct Record {
    /// `ord_…`.
    pub id: String,
    /// Version that was seen.
    pub version: i64,
    /// Currency of its amounts.
    pub currency: String,
    /// Name, e-mail and phone as entered, to be changed; none where they are masked.
    pub entered: Option<[String; 3]>,
    /// Staff's own words; none where they are masked.
    pub note: Option<String>,
    /// Staff's tags.
    pub tags: Vec<String>,
    /// What left the house, oldest first.
    pub shipments: Vec<Parcel>,
    /// What went back, oldest first.
    pub refunds: Vec<Back>,
    /// What was paid for shipping, if anything was.
    pub ships: bool,
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
    /// Subtotal, discount, shipping, tax, and the tax that prices hold.
    pub sums: Vec<(&'static str, String)>,
    /// What was to be paid.
    pub total: String,
    /// Who ordered, from where.
    pub contact: Vec<Fact>,
    /// Who and what brought it about; only what is known.
    pub credit: Vec<Fact>,
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
    /// `line_…`.
    pub id: String,
    /// How many have left the house, and how many were taken back.
    pub moved: String,
    /// How many may still leave it.
    pub waiting: u32,
    /// How many may still be taken back.
    pub returnable: u32,
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
    /// Whom it is for; empty of what is no gift.
    pub to: String,
    /// The record of that one, `cus_…`.
    pub recipient: String,
    /// What they are told with it.
    pub message: String,
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
    /// What it was, in words.
    pub words: String,
}

impl Record {
    /// The page's view of `order`.
    pub fn new(order: Order, session: &Session) -> Self {
        let zone = session.zone;
        let currency = order.total.clone().unwrap_or_default().currency;
        let ships = order.shipping.as_ref().is_some_and(|shipping| shipping.amount > 0);
        let is_masked = |field: &str| order.redacted.iter().any(|known| known == field);
        let entered = [order.name.clone(), order.email.clone(), order.phone.clone()];
        let entered = Some(entered).filter(|_| !["name", "email", "phone"].into_iter().any(is_masked));
        let note = Some(order.note.clone()).filter(|_| !is_masked("note"));
        let redacted = Redacted(&order.redacted);
        let states =
            [("Order", &order.status), ("Payment", &order.payment_status), ("Delivery", &order.fulfilment_status)];
        let sums = [
            ("Discount", &order.discount),
            ("Shipping", &order.shipping),
            ("Tax", &order.tax),
            ("Tax included", &order.included_tax),
        ];
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
            credit: credit(order.attribution.as_ref(), &redacted),
            addresses: addresses(&order, &redacted),
            redacted: order.redacted.iter().map(|field| label::field(field)).collect(),
            lines: order.lines.into_iter().map(Line::new).collect(),
            transactions: order.transactions.into_iter().map(|entry| Movement::new(entry, session)).collect(),
            history: order.history.iter().map(|change| Change::new(change, session)).collect(),
            number: order.number,
            customer: order.customer,
            id: order.id,
            version: order.version,
            tags: order.tags,
            shipments: order.shipments.into_iter().map(|one| Parcel::new(one, session)).collect(),
            refunds: order.refunds.into_iter().map(|one| Back::new(one, session)).collect(),
            currency,
            entered,
            note,
            ships,
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
        let moved = [(line.fulfilled, "sent"), (line.refunded, "taken back")];
        let moved = moved.iter().filter(|(units, _)| *units > 0).map(|(units, what)| format!("{units} {what}"));
        Self {
            moved: moved.collect::<Vec<_>>().join(", "),
            waiting: line.quantity.saturating_sub(line.fulfilled.saturating_add(line.refunded)),
            returnable: line.quantity.saturating_sub(line.refunded),
            id: line.id,
            kind: label::words(&line.kind),
            quantity: line.quantity,
            price: price(line.price.as_ref()),
            subtotal: price(line.subtotal.as_ref()),
            to: recipient(line.gift.as_ref()),
            message: line.gift.map(|gift| gift.message).unwrap_or_default(),
            recipient: line.recipient,
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
            words: happened(change),
        }
    }
}

/// What a change was, beyond the status after it.
fn happened(change: &StatusChange) -> String {
    let changed = |one: &proto::orders::v1::FieldChange| {
        let shown = |text: &str| if text.is_empty() { "nothing".to_owned() } else { format!("“{text}”") };
        format!("{} from {} to {}", label::field(&one.field), shown(&one.before), shown(&one.after))
    };
    match &*change.kind {
        "edited" => change.changes.iter().map(changed).collect::<Vec<_>>().join("; "),
        "payment" => "Money came in".to_owned(),
        "refund" => "Money went back".to_owned(),
        "refund_failed" => "A refund failed: the money came back".to_owned(),
        "shipment" => "Something left the house".to_owned(),
        "disputed" => "The payment is disputed at its gateway".to_owned(),
        _ => String::new(),
    }
}

impl Parcel {
    fn new(shipment: Shipment, session: &Session) -> Self {
        let tracking = [shipment.carrier, shipment.number].into_iter().filter(|text| !text.is_empty());
        Self {
            at: Moment::new(shipment.created_at.as_ref(), session.zone),
            tracking: tracking.collect::<Vec<_>>().join(" "),
            url: shipment.url,
            units: shipment.lines.iter().map(|line| line.quantity).sum(),
        }
    }
}

impl Back {
    fn new(refund: Refund, session: &Session) -> Self {
        let words = [refund.reason, refund.message].into_iter().filter(|text| !text.is_empty());
        Self {
            at: Moment::new(refund.created_at.as_ref(), session.zone),
            status: Badge::new(&refund.status),
            amount: price(refund.amount.as_ref()),
            words: words.collect::<Vec<_>>().join(" — "),
        }
    }
}
