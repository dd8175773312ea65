//! Carts and orders.
use proto::{
    base::v1::Attribution,
    carts::v1::{Contact, Gift},
    orders::v1::{DownloadPattern, DownloadUse, LibraryItem, Order, Receipt, Refund, Subscription, Transaction},
};

use super::{Field, Personal, address, text};
use crate::redact;

impl Personal for Contact {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "email", mask: |c| text(&mut c.email, redact::email) },
        Field { name: "name", mask: |c| text(&mut c.name, redact::name) },
        Field { name: "phone", mask: |c| text(&mut c.phone, redact::phone) },
        Field { name: "shipping", mask: |c| address(&mut c.shipping) },
        Field { name: "billing", mask: |c| address(&mut c.billing) },
    ];
}

impl Personal for Attribution {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "gclid", mask: |a| text(&mut a.gclid, redact::text) },
        Field { name: "metadata", mask: metadata },
    ];
}

/// Masks the click that led to something; whether there was one.
fn click(known: &mut Option<Attribution>) -> bool {
    known.as_mut().is_some_and(|known| text(&mut known.gclid, redact::text))
}

/// Masks what else was noted of what led to it; whether there was anything.
fn noted(known: &mut Option<Attribution>) -> bool {
    known.as_mut().is_some_and(metadata)
}

fn metadata(known: &mut Attribution) -> bool {
    known.metadata.values_mut().fold(false, |masked, one| text(one, redact::text) | masked)
}

impl Personal for Gift {
    const FIELDS: &'static [Field<Self>] = &[Field { name: "gift", mask: gift }];
}

/// Masks who is to have something; whether there was anything to mask.
fn gift(gift: &mut Gift) -> bool {
    let (email, name) = (text(&mut gift.email, redact::email), text(&mut gift.name, redact::name));
    text(&mut gift.message, redact::text) | email | name
}

/// The same for each line of an order.
fn gifts(order: &mut Order) -> bool {
    order.lines.iter_mut().filter_map(|line| line.gift.as_mut()).fold(false, |masked, given| gift(given) | masked)
}

impl Personal for Order {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "name", mask: |o| text(&mut o.name, redact::name) },
        Field { name: "email", mask: |o| text(&mut o.email, redact::email) },
        Field { name: "phone", mask: |o| text(&mut o.phone, redact::phone) },
        Field { name: "billing", mask: |o| address(&mut o.billing) },
        Field { name: "shipping_address", mask: |o| address(&mut o.shipping_address) },
        Field { name: "ip", mask: |o| text(&mut o.ip, redact::text) },
        Field { name: "user_agent", mask: |o| text(&mut o.user_agent, redact::text) },
        Field { name: "transactions.ip", mask: |o| each(&mut o.transactions, |one| &mut one.ip) },
        Field { name: "transactions.reason", mask: |o| each(&mut o.transactions, |one| &mut one.reason) },
        Field { name: "refunds.reason", mask: |o| each(&mut o.refunds, |one| &mut one.reason) },
        Field { name: "note", mask: |o| text(&mut o.note, redact::text) },
        Field { name: "history.changes", mask: changes },
        Field { name: "lines.gift", mask: gifts },
        Field { name: "attribution.gclid", mask: |o| click(&mut o.attribution) },
        Field { name: "attribution.metadata", mask: |o| noted(&mut o.attribution) },
    ];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

impl Personal for Receipt {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "name", mask: |r| text(&mut r.name, redact::name) },
        Field { name: "email", mask: |r| text(&mut r.email, redact::email) },
        Field { name: "phone", mask: |r| text(&mut r.phone, redact::phone) },
        Field { name: "billing", mask: |r| address(&mut r.billing) },
        Field { name: "shipping_address", mask: |r| address(&mut r.shipping_address) },
    ];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

impl Personal for Transaction {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "ip", mask: |t| text(&mut t.ip, redact::text) },
        Field { name: "reason", mask: |t| text(&mut t.reason, redact::text) },
    ];
}

impl Personal for Refund {
    const FIELDS: &'static [Field<Self>] = &[Field { name: "reason", mask: |r| text(&mut r.reason, redact::text) }];
}

impl Personal for Subscription {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "reason", mask: |s| text(&mut s.reason, redact::text) },
        Field { name: "attribution.gclid", mask: |s| click(&mut s.attribution) },
        Field { name: "attribution.metadata", mask: |s| noted(&mut s.attribution) },
    ];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

impl Personal for LibraryItem {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "note", mask: |i| text(&mut i.note, redact::text) },
        Field { name: "grounds.reason", mask: |i| each(&mut i.grounds, |ground| &mut ground.reason) },
        Field { name: "grounds.giver_name", mask: |i| each(&mut i.grounds, |ground| &mut ground.giver_name) },
    ];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

impl Personal for DownloadUse {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "ip", mask: |u| text(&mut u.ip, redact::text) },
        Field { name: "user_agent", mask: |u| text(&mut u.user_agent, redact::text) },
    ];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

impl Personal for DownloadPattern {
    const FIELDS: &'static [Field<Self>] =
        &[Field { name: "networks", mask: |p| each(&mut p.networks, |network| network) }];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

/// Masks a text of each; whether there was any.
fn each<T>(all: &mut [T], of: fn(&mut T) -> &mut String) -> bool {
    all.iter_mut().fold(false, |masked, one| text(of(one), redact::text) | masked)
}

/// Masks what edits changed; whether there was any.
fn changes(order: &mut Order) -> bool {
    let all = order.history.iter_mut().flat_map(|change| &mut change.changes);
    all.fold(false, |masked, one| text(&mut one.before, redact::text) | text(&mut one.after, redact::text) | masked)
}

#[cfg(test)]
mod tests {
    use proto::{
        base::v1::Address,
        orders::v1::{FieldChange, OrderLine, StatusChange},
    };

    use super::*;

    fn home() -> Address {
        Address {
            name: "Ann Secret".to_owned(),
            line1: "Secret street 1".to_owned(),
            line2: "Secret".to_owned(),
            business: "Secret Ltd".to_owned(),
            phone: "+49301234567".to_owned(),
            city: "Berlin".to_owned(),
            ..Address::default()
        }
    }

    fn present() -> Gift {
        Gift { email: "secret@example.com".to_owned(), name: "Bob Secret".to_owned(), message: "To Secret".to_owned() }
    }

    fn hides(text: &str) {
        for personal in ["Secret", "secret", "1234567", "203.0"] {
            assert!(!text.contains(personal), "{personal} shows in {text}");
        }
    }

    /// ID-23: nothing personal is left in a masked order, and the rest is untouched.
    #[test]
    fn masking_leaves_no_trace_of_the_person() {
        let order = Order {
            number: "1001".to_owned(),
            name: "Ann Secret".to_owned(),
            email: "secret@example.com".to_owned(),
            phone: "+49301234567".to_owned(),
            billing: Some(home()),
            shipping_address: Some(home()),
            ip: "203.0.113.9".to_owned(),
            user_agent: "Secret/1".to_owned(),
            transactions: vec![Transaction {
                ip: "203.0.113.9".to_owned(),
                reason: "Ms Secret paid at the counter".to_owned(),
                ..Default::default()
            }],
            refunds: vec![Refund { reason: "Ms Secret complained".to_owned(), ..Default::default() }],
            note: "Ms Secret is a friend".to_owned(),
            history: vec![StatusChange {
                changes: vec![FieldChange {
                    field: "name".to_owned(),
                    before: "Secret".to_owned(),
                    after: String::new(),
                }],
                ..Default::default()
            }],
            lines: vec![OrderLine { gift: Some(present()), ..Default::default() }],
            attribution: Some(Attribution {
                affiliate: "ann".to_owned(),
                gclid: "Secret-click".to_owned(),
                metadata: [("visitor".to_owned(), "Secret".to_owned())].into(),
                ..Attribution::default()
            }),
            ..Default::default()
        };
        let masked = super::super::redact(order);
        assert_eq!(masked.redacted.len(), Order::FIELDS.len());
        hides(&format!("{masked:?}"));
        assert_eq!((&*masked.number, &*masked.email), ("1001", "s***@example.com"));
        assert_eq!(masked.attribution.map(|known| known.affiliate).as_deref(), Some("ann"));
    }

    /// ID-23: nor in the contact of a cart.
    #[test]
    fn a_contact_is_masked() {
        let contact = Contact {
            email: "secret@example.com".to_owned(),
            name: "Ann Secret".to_owned(),
            phone: "+49301234567".to_owned(),
            shipping: Some(home()),
            billing: Some(home()),
        };
        let masked = super::super::redact(contact);
        hides(&format!("{masked:?}"));
        hides(&format!("{:?}", super::super::redact(present())));
        assert_eq!(masked.shipping.unwrap_or_default().city, "Berlin");
    }
}
