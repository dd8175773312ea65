//! Customers' records.
use proto::customers::v1::{ContactMethod, Customer, Note, SavedAddress, Ticket, TicketComment};

use super::{Field, Personal, address, text};
use crate::redact;

impl Personal for Customer {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "name", mask: |c| text(&mut c.name, redact::name) },
        Field { name: "email", mask: |c| text(&mut c.email, redact::email) },
        Field { name: "phone", mask: |c| text(&mut c.phone, redact::phone) },
        Field { name: "photo_url", mask: |c| text(&mut c.photo_url, redact::text) },
        Field { name: "business", mask: |c| text(&mut c.business, redact::text) },
        Field { name: "fax", mask: |c| text(&mut c.fax, redact::phone) },
        Field { name: "contacts", mask: contacts },
        Field { name: "slug", mask: |c| text(&mut c.slug, redact::text) },
        Field { name: "meta", mask: meta },
        Field { name: "ip", mask: |c| text(&mut c.ip, redact::text) },
        Field { name: "address", mask: |c| address(&mut c.address) },
    ];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

impl Personal for Note {
    const FIELDS: &'static [Field<Self>] = &[Field { name: "text", mask: |n| text(&mut n.text, redact::text) }];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

impl Personal for SavedAddress {
    const FIELDS: &'static [Field<Self>] =
        &[Field { name: "address", mask: |a| address(&mut a.address) }, Field { name: "label", mask: label }];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

impl Personal for Ticket {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "subject", mask: |t| text(&mut t.subject, redact::text) },
        Field { name: "customer_name", mask: |t| text(&mut t.customer_name, redact::name) },
        Field { name: "customer_email", mask: |t| text(&mut t.customer_email, redact::email) },
    ];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

impl Personal for TicketComment {
    const FIELDS: &'static [Field<Self>] = &[
        Field { name: "text", mask: |c| text(&mut c.text, redact::text) },
        Field { name: "attachments.name", mask: attachments },
    ];

    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        Some(&mut self.redacted)
    }
}

/// What files are called, whose kind says nothing of anybody.
fn attachments(comment: &mut TicketComment) -> bool {
    comment.attachments.iter_mut().fold(false, |masked, file| text(&mut file.name, redact::text) | masked)
}

/// The lines that the address leaves when it is masked.
fn label(saved: &mut SavedAddress) -> bool {
    let had = !saved.label.is_empty();
    let masked = saved.address.clone().map(crate::address::Address::from);
    saved.label = masked.as_ref().map(crate::label::lines).unwrap_or_default();
    had
}

fn contacts(customer: &mut Customer) -> bool {
    for ContactMethod { value, .. } in &mut customer.contacts {
        *value = redact::text(value);
    }
    !customer.contacts.is_empty()
}

/// An empty object in place of one with something in it, since the field is always an object.
fn meta(customer: &mut Customer) -> bool {
    "{}" != std::mem::replace(&mut customer.meta, "{}".to_owned())
}

#[cfg(test)]
mod tests {
    use proto::base::v1::Address;

    use super::*;

    /// ID-23: the label of a masked address tells no more than the address.
    #[test]
    fn a_label_is_masked_with_its_address() {
        let address = Address {
            name: "Ada Lovelace".to_owned(),
            line1: "Lindenstraße 9".to_owned(),
            city: "Berlin".to_owned(),
            country: "DE".to_owned(),
            ..Address::default()
        };
        let label = crate::label::lines(&address.clone().into());
        let masked = super::super::redact(SavedAddress { address: Some(address), label, ..Default::default() });
        assert_eq!(masked.label, ["A***", "***", "Berlin", "GERMANY"]);
        assert_eq!(masked.redacted, ["address", "label"]);
    }

    /// ID-23: what is personal is masked and named, the rest stays usable.
    #[test]
    fn personal_fields_are_masked_and_named() {
        let address =
            Address { line1: "Unter den Linden 1".to_owned(), city: "Berlin".to_owned(), ..Address::default() };
        let customer = super::super::redact(Customer {
            id: "cus_1".to_owned(),
            name: "Ada Lovelace".to_owned(),
            email: "ada@example.com".to_owned(),
            phone: "+4930901820".to_owned(),
            meta: r#"{"shoe":42}"#.to_owned(),
            address: Some(address),
            orders_count: 3,
            ..Customer::default()
        });
        assert_eq!(customer.redacted, ["name", "email", "phone", "meta", "address"]);
        let seen = [customer.name.as_str(), &customer.email, &customer.phone, &customer.meta];
        assert_eq!(seen, ["A***", "a***@example.com", "***20", "{}"]);
        let address = customer.address.unwrap_or_default();
        assert_eq!((address.line1.as_str(), address.city.as_str()), ("***", "Berlin"));
        assert_eq!((customer.id.as_str(), customer.orders_count), ("cus_1", 3));
    }
}
