//! The one list of personal fields: it says what is masked, and how, for whoever may not see personal data (ID-23),
//! and what a list neither filters nor sorts by for them.
use kit::redact;
use proto::customers::v1::{ContactMethod, Customer};

/// A personal field of the record.
#[derive(Debug)]
pub struct Field {
    /// Its name in the API.
    pub name: &'static str,
    /// The columns it is kept in.
    pub columns: &'static [&'static str],
    /// Masks it; whether there was anything to mask.
    mask: fn(&mut Customer) -> bool,
}

/// Every personal field.
pub const FIELDS: &[Field] = &[
    Field { name: "name", columns: &["name", "search"], mask: |c| text(&mut c.name, redact::name) },
    Field { name: "email", columns: &["email", "email_canonical"], mask: |c| text(&mut c.email, redact::email) },
    Field { name: "phone", columns: &["phone"], mask: |c| text(&mut c.phone, redact::phone) },
    Field { name: "photo_url", columns: &["photo_url"], mask: |c| text(&mut c.photo_url, redact::text) },
    Field { name: "business", columns: &["business"], mask: |c| text(&mut c.business, redact::text) },
    Field { name: "fax", columns: &["fax"], mask: |c| text(&mut c.fax, redact::phone) },
    Field { name: "contacts", columns: &["contacts"], mask: contacts },
    Field { name: "slug", columns: &["slug"], mask: |c| text(&mut c.slug, redact::text) },
    Field { name: "meta", columns: &["meta"], mask: meta },
    Field { name: "ip", columns: &["ip"], mask: |c| text(&mut c.ip, redact::text) },
    Field { name: "address", columns: &["address"], mask: address },
];

/// Columns of the record that tell nothing about the person behind it.
pub const IMPERSONAL: &[&str] = &[
    "realm_id",
    "id",
    "lifecycle",
    "registration",
    "status",
    "email_identifies",
    "phone_verified_at",
    "username",
    "language",
    "tags",
    "library_all",
    "directory",
    "consents",
    "orders_count",
    "spent_base",
    "first_order_at",
    "last_order_at",
    "reviews_count",
    "registered_at",
    "last_activity_at",
    "version",
    "created_at",
    "updated_at",
];

/// Whether the field `name` is personal.
#[must_use]
pub fn is_personal(name: &str) -> bool {
    FIELDS.iter().any(|field| field.name == name)
}

/// Masks every personal field and says in `redacted` which ones held something.
#[must_use]
pub fn redact(mut customer: Customer) -> Customer {
    let masked = FIELDS.iter().filter(|field| (field.mask)(&mut customer)).map(|field| field.name.to_owned());
    customer.redacted = masked.collect();
    customer
}

fn text(field: &mut String, mask: fn(&str) -> String) -> bool {
    *field = mask(field);
    !field.is_empty()
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

fn address(customer: &mut Customer) -> bool {
    customer.address = customer.address.take().map(redact::address);
    customer.address.is_some()
}

#[cfg(test)]
mod tests {
    use proto::base::v1::Address;

    use super::*;

    /// ID-23: what is personal is masked and named, the rest stays usable.
    #[test]
    fn personal_fields_are_masked_and_named() {
        let address =
            Address { line1: "Unter den Linden 1".to_owned(), city: "Berlin".to_owned(), ..Address::default() };
        let customer = redact(Customer {
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
