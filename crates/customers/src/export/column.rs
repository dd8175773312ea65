//! The columns that a list can have as a file.
use kit::money::Money;
use proto::{
    base::v1 as base,
    customers::v1::{Customer, SubscriptionCounts},
};

use super::cell::Cell;

/// A column: its name, and what stands in it.
pub struct Column {
    /// Its name, as in the API.
    pub name: &'static str,
    cell: fn(&Customer) -> Cell,
}

impl Column {
    /// What stands in it for `customer`, who is masked already where they have to be.
    #[must_use]
    pub fn of(&self, customer: &Customer) -> Cell {
        (self.cell)(customer)
    }

    /// The column of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|column| column.name == name)
    }
}

/// Every column.
pub const ALL: &[Column] = &[
    Column { name: "id", cell: |c| Cell::text(&c.id) },
    Column { name: "name", cell: |c| Cell::text(&c.name) },
    Column { name: "email", cell: |c| Cell::text(&c.email) },
    Column { name: "phone", cell: |c| Cell::text(&c.phone) },
    Column { name: "username", cell: |c| Cell::text(&c.username) },
    Column { name: "business", cell: |c| Cell::text(&c.business) },
    Column { name: "lifecycle", cell: |c| Cell::text(&c.lifecycle) },
    Column { name: "registration", cell: |c| Cell::text(&c.registration) },
    Column { name: "status", cell: |c| Cell::text(&c.status) },
    Column { name: "language", cell: |c| Cell::text(&c.language) },
    Column { name: "tags", cell: |c| Cell::text(c.tags.join(", ")) },
    Column { name: "consents", cell: consents },
    Column { name: "orders_count", cell: |c| Cell::Number(c.orders_count) },
    Column { name: "total_spent", cell: |c| amounts(&c.total_spent) },
    Column { name: "average_order", cell: |c| amounts(&c.average_order) },
    Column { name: "first_order_at", cell: |c| Cell::moment(c.first_order_at.as_ref()) },
    Column { name: "last_order_at", cell: |c| Cell::moment(c.last_order_at.as_ref()) },
    Column { name: "reviews_count", cell: |c| Cell::Number(c.reviews_count) },
    Column { name: "subscriptions_active", cell: |c| subscriptions(c, |counts| counts.active) },
    Column { name: "subscriptions_cancelled", cell: |c| subscriptions(c, |counts| counts.cancelled) },
    Column { name: "open_carts", cell: |c| Cell::Number(c.open_carts) },
    Column { name: "street", cell: |c| place(c, |a| join(&[&a.line1, &a.line2])) },
    Column { name: "postal_code", cell: |c| place(c, |a| a.postal_code.clone()) },
    Column { name: "city", cell: |c| place(c, |a| a.city.clone()) },
    Column { name: "region", cell: |c| place(c, |a| a.region.clone()) },
    Column { name: "country", cell: |c| place(c, |a| a.country.clone()) },
    Column { name: "ip", cell: |c| Cell::text(&c.ip) },
    Column { name: "registered_at", cell: |c| Cell::moment(c.registered_at.as_ref()) },
    Column { name: "last_activity_at", cell: |c| Cell::moment(c.last_activity_at.as_ref()) },
    Column { name: "created_at", cell: |c| Cell::moment(c.created_at.as_ref()) },
    Column { name: "updated_at", cell: |c| Cell::moment(c.updated_at.as_ref()) },
];

/// The usual columns.
pub const USUAL: [&str; 15] = [
    "id",
    "name",
    "email",
    "phone",
    "lifecycle",
    "registration",
    "status",
    "tags",
    "orders_count",
    "total_spent",
    "last_order_at",
    "city",
    "country",
    "last_activity_at",
    "created_at",
];

fn place(customer: &Customer, part: fn(&base::Address) -> String) -> Cell {
    customer.address.as_ref().map_or(Cell::Nothing, |address| Cell::text(part(address)))
}

fn subscriptions(customer: &Customer, count: fn(&SubscriptionCounts) -> i64) -> Cell {
    Cell::Number(customer.subscriptions.as_ref().map(count).unwrap_or_default())
}

fn join(parts: &[&String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).map(|part| part.as_str()).collect::<Vec<_>>().join(", ")
}

fn consents(customer: &Customer) -> Cell {
    let mut granted: Vec<_> =
        customer.consents.iter().filter(|(_, granted)| **granted).map(|(name, _)| &**name).collect();
    granted.sort_unstable();
    Cell::text(granted.join(", "))
}

fn amounts(amounts: &[base::Money]) -> Cell {
    let amounts = amounts.iter().filter_map(|amount| Some(Money::parse(amount).ok()?.to_string()));
    Cell::text(amounts.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EX-1: columns are named once, and the usual ones are among them.
    #[test]
    fn columns_are_known_by_their_names() {
        let mut names: Vec<_> = ALL.iter().map(|column| column.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        assert!(USUAL.iter().all(|name| Column::named(name).is_some()) && Column::named("meta").is_none());
    }

    #[test]
    fn amounts_are_written_as_people_read_them() {
        let money = |amount, currency: &str| base::Money { amount, currency: currency.to_owned() };
        let customer = Customer { total_spent: vec![money(-5, "EUR"), money(1200, "JPY")], ..Customer::default() };
        let cell = Column::named("total_spent").expect("a column").of(&customer);
        assert_eq!(cell, Cell::Text("-0.05 EUR, 1200 JPY".to_owned()));
    }
}
