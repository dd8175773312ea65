//! The columns that the lists can have as files.
use kit::rows::{Column, amount, currency, moment, number, text};
use proto::{
    base::v1::{Address, Attribution, Cell},
    orders::v1::{Order, Subscription, SubscriptionTerms, Transaction},
};

/// Columns of orders.
pub const ORDERS: &[Column<Order>] = &[
    Column { name: "id", cell: |o| text(&o.id) },
    Column { name: "number", cell: |o| text(&o.number) },
    Column { name: "store", cell: |o| text(&o.store) },
    Column { name: "customer", cell: |o| text(&o.customer) },
    Column { name: "status", cell: |o| text(&o.status) },
    Column { name: "payment_status", cell: |o| text(&o.payment_status) },
    Column { name: "fulfilment_status", cell: |o| text(&o.fulfilment_status) },
    Column { name: ITEMS, cell: items },
    Column { name: "subtotal", cell: |o| amount(o.subtotal.as_ref()) },
    Column { name: "discount", cell: |o| amount(o.discount.as_ref()) },
    Column { name: "shipping", cell: |o| amount(o.shipping.as_ref()) },
    Column { name: "tax", cell: |o| amount(o.tax.as_ref()) },
    Column { name: "total", cell: |o| amount(o.total.as_ref()) },
    Column { name: "currency", cell: |o| currency(o.total.as_ref()) },
    Column { name: "gateway", cell: |o| text(&o.gateway) },
    Column { name: "name", cell: |o| text(&o.name) },
    Column { name: "email", cell: |o| text(&o.email) },
    Column { name: "phone", cell: |o| text(&o.phone) },
    Column { name: "street", cell: |o| place(o, street) },
    Column { name: "postal_code", cell: |o| place(o, |a| a.postal_code.clone()) },
    Column { name: "city", cell: |o| place(o, |a| a.city.clone()) },
    Column { name: "region", cell: |o| place(o, |a| a.region.clone()) },
    Column { name: "country", cell: |o| place(o, |a| a.country.clone()) },
    Column { name: "ip", cell: |o| text(&o.ip) },
    Column { name: "tags", cell: |o| text(o.tags.join(", ")) },
    Column { name: "note", cell: |o| text(&o.note) },
    Column { name: "agent", cell: |o| known(o.attribution.as_ref(), |from| from.agent.clone()) },
    Column { name: "affiliate", cell: |o| known(o.attribution.as_ref(), |from| from.affiliate.clone()) },
    Column { name: "funnel", cell: |o| known(o.attribution.as_ref(), |from| from.funnel.clone()) },
    Column { name: "gclid", cell: |o| known(o.attribution.as_ref(), |from| from.gclid.clone()) },
    Column { name: "utm_source", cell: |o| known(o.attribution.as_ref(), |from| from.utm_source.clone()) },
    Column { name: "utm_medium", cell: |o| known(o.attribution.as_ref(), |from| from.utm_medium.clone()) },
    Column { name: "utm_campaign", cell: |o| known(o.attribution.as_ref(), |from| from.utm_campaign.clone()) },
    Column { name: "utm_content", cell: |o| known(o.attribution.as_ref(), |from| from.utm_content.clone()) },
    Column { name: "utm_term", cell: |o| known(o.attribution.as_ref(), |from| from.utm_term.clone()) },
    Column { name: "subscription", cell: |o| text(&o.subscription) },
    Column { name: "placed_at", cell: |o| moment(o.placed_at) },
    Column { name: "created_at", cell: |o| moment(o.created_at) },
    Column { name: "updated_at", cell: |o| moment(o.updated_at) },
];
/// What was bought, for which the lines of orders are read.
pub const ITEMS: &str = "items";
/// The usual columns of orders.
pub const USUAL_ORDERS: &[&str] = &[
    "number",
    "placed_at",
    "status",
    "payment_status",
    "fulfilment_status",
    "name",
    "email",
    ITEMS,
    "total",
    "currency",
    "gateway",
    "city",
    "country",
    "id",
    "customer",
];

/// An entry of the ledger, with what its order is.
#[derive(Clone, Debug)]
pub struct Booked {
    /// It.
    pub entry: Transaction,
    /// Number of its order.
    pub number: String,
    /// Store of its order.
    pub store: String,
    /// Whose order it is.
    pub customer: String,
}

/// Columns of the ledger.
pub const TRANSACTIONS: &[Column<Booked>] = &[
    Column { name: "id", cell: |b| text(&b.entry.id) },
    Column { name: "order", cell: |b| text(&b.entry.order) },
    Column { name: "number", cell: |b| text(&b.number) },
    Column { name: "store", cell: |b| text(&b.store) },
    Column { name: "customer", cell: |b| text(&b.customer) },
    Column { name: "type", cell: |b| text(&b.entry.r#type) },
    Column { name: "status", cell: |b| text(&b.entry.status) },
    Column { name: "amount", cell: |b| amount(b.entry.amount.as_ref()) },
    Column { name: "currency", cell: |b| currency(b.entry.amount.as_ref()) },
    Column { name: "gateway", cell: |b| text(&b.entry.gateway) },
    Column { name: "reference", cell: |b| text(&b.entry.reference) },
    Column { name: "description", cell: |b| text(&b.entry.description) },
    Column { name: "method", cell: |b| text(&b.entry.method) },
    Column { name: "reason", cell: |b| text(&b.entry.reason) },
    Column { name: "ip", cell: |b| text(&b.entry.ip) },
    Column { name: "created_at", cell: |b| moment(b.entry.created_at) },
];
/// The usual columns of the ledger.
pub const USUAL_TRANSACTIONS: &[&str] = &[
    "created_at",
    "number",
    "type",
    "status",
    "amount",
    "currency",
    "gateway",
    "reference",
    "description",
    "id",
    "order",
    "customer",
];

/// Columns of subscriptions.
pub const SUBSCRIPTIONS: &[Column<Subscription>] = &[
    Column { name: "id", cell: |s| text(&s.id) },
    Column { name: "store", cell: |s| text(&s.store) },
    Column { name: "customer", cell: |s| text(&s.customer) },
    Column { name: "order", cell: |s| text(&s.order) },
    Column { name: "product", cell: |s| text(&s.product) },
    Column { name: "sku", cell: |s| text(&s.sku) },
    Column { name: "name", cell: |s| text(&s.name) },
    Column { name: "quantity", cell: |s| number(s.quantity) },
    Column { name: "status", cell: |s| text(&s.status) },
    Column { name: "plan", cell: |s| terms(s, |terms| text(&terms.plan)) },
    Column { name: "interval", cell: |s| terms(s, |terms| text(&terms.interval)) },
    Column { name: "count", cell: |s| terms(s, |terms| number(terms.count)) },
    Column { name: "price", cell: |s| terms(s, |terms| amount(terms.price.as_ref())) },
    Column { name: "amount", cell: |s| amount(s.amount.as_ref()) },
    Column { name: "currency", cell: |s| currency(s.amount.as_ref()) },
    Column { name: "target", cell: |s| text(s.target.as_ref().map(|target| &*target.name).unwrap_or_default()) },
    Column { name: "gateway", cell: |s| text(&s.gateway) },
    Column { name: "period_start", cell: |s| moment(s.period_start) },
    Column { name: "period_end", cell: |s| moment(s.period_end) },
    Column { name: "renews_at", cell: |s| moment(s.renews_at) },
    Column { name: "trial_ends_at", cell: |s| moment(s.trial_ends_at) },
    Column { name: "cancelled_at", cell: |s| moment(s.cancelled_at) },
    Column { name: "ends_at", cell: |s| moment(s.ends_at) },
    Column { name: "reason", cell: |s| text(&s.reason) },
    Column { name: "created_at", cell: |s| moment(s.created_at) },
    Column { name: "updated_at", cell: |s| moment(s.updated_at) },
    Column { name: "agent", cell: |s| known(s.attribution.as_ref(), |from| from.agent.clone()) },
    Column { name: "affiliate", cell: |s| known(s.attribution.as_ref(), |from| from.affiliate.clone()) },
    Column { name: "funnel", cell: |s| known(s.attribution.as_ref(), |from| from.funnel.clone()) },
    Column { name: "utm_source", cell: |s| known(s.attribution.as_ref(), |from| from.utm_source.clone()) },
    Column { name: "utm_campaign", cell: |s| known(s.attribution.as_ref(), |from| from.utm_campaign.clone()) },
];
/// The usual columns of subscriptions.
pub const USUAL_SUBSCRIPTIONS: &[&str] = &[
    "created_at",
    "status",
    "sku",
    "name",
    "quantity",
    "interval",
    "count",
    "amount",
    "currency",
    "renews_at",
    "ends_at",
    "id",
    "customer",
    "order",
];

/// Where an order goes, or who pays for it.
fn place(order: &Order, part: fn(&Address) -> String) -> Cell {
    let address = order.shipping_address.as_ref().or(order.billing.as_ref());
    text(address.map(part).unwrap_or_default())
}

fn street(address: &Address) -> String {
    let lines = [&*address.line1, &*address.line2];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

fn known(from: Option<&Attribution>, word: fn(&Attribution) -> String) -> Cell {
    text(from.map(word).unwrap_or_default())
}

fn items(order: &Order) -> Cell {
    let lines = order.lines.iter().map(|line| format!("{} × {}", line.quantity, line.name));
    text(lines.collect::<Vec<_>>().join(", "))
}

fn terms(subscription: &Subscription, part: fn(&SubscriptionTerms) -> Cell) -> Cell {
    subscription.terms.as_ref().map_or(Cell { value: None }, part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EX-1: columns are named once, and the usual ones are among them.
    #[test]
    fn columns_are_known_by_their_names() {
        fn check<T>(all: &[Column<T>], usual: &[&str]) {
            let mut names: Vec<_> = all.iter().map(|column| column.name).collect();
            assert!(usual.iter().all(|name| names.contains(name)));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all.len());
        }
        check(ORDERS, USUAL_ORDERS);
        check(TRANSACTIONS, USUAL_TRANSACTIONS);
        check(SUBSCRIPTIONS, USUAL_SUBSCRIPTIONS);
    }
}
