//! A customer record as its profile shows it (CU-4).
use chrono_tz::Tz;
use proto::customers::v1::Customer;

use crate::show::{Fact, Moment, Redacted, label, postal, prices};

/// A customer record.
pub struct Record {
    /// Tags.
    pub tags: Vec<String>,
    /// How to reach the person, and what they are called.
    pub contact: Vec<Fact>,
    /// Everything else that is known.
    pub further: Vec<Fact>,
    /// Channels with and without consent.
    pub consents: Vec<(String, bool)>,
    /// The address of the last purchase; empty when there is none.
    pub address: String,
    /// Whether parts of the address are masked.
    pub address_masked: bool,
    /// Orders placed.
    pub orders: i64,
    /// What they spent, per currency.
    pub spent: Vec<String>,
    /// What an order came to on average, per currency.
    pub average: Vec<String>,
    /// Reviews written.
    pub reviews: i64,
    /// Subscriptions that go on.
    pub subscriptions: i64,
    /// Subscriptions that were cancelled or expired, in words; empty without any.
    pub cancelled: String,
    /// Open carts with something in them.
    pub carts: i64,
    /// First and last purchase, registration, last activity, creation, last change.
    pub times: Vec<(&'static str, Moment)>,
    /// Names of the masked fields, in words.
    pub redacted: Vec<String>,
}

impl Record {
    /// The record of `customer`, with times in `zone`.
    pub fn new(customer: &Customer, zone: Tz) -> Self {
        let redacted = Redacted(&customer.redacted);
        let counts = customer.subscriptions.unwrap_or_default();
        Self {
            tags: customer.tags.clone(),
            contact: contact(customer, &redacted),
            further: further(customer, &redacted),
            consents: consents(customer),
            address: customer.address.as_ref().map(postal).unwrap_or_default(),
            address_masked: redacted.has("address"),
            orders: customer.orders_count,
            spent: prices(&customer.total_spent),
            average: prices(&customer.average_order),
            reviews: customer.reviews_count,
            subscriptions: counts.active,
            cancelled: if counts.cancelled > 0 { format!("{} cancelled", counts.cancelled) } else { String::new() },
            carts: customer.open_carts,
            times: times(customer, zone),
            redacted: customer.redacted.iter().map(|field| label::field(field)).collect(),
        }
    }
}

fn contact(customer: &Customer, redacted: &Redacted<'_>) -> Vec<Fact> {
    let known = [
        ("Name", "name", &customer.name),
        ("E-mail", "email", &customer.email),
        ("Phone", "phone", &customer.phone),
        ("User name", "username", &customer.username),
        ("Company", "business", &customer.business),
        ("Fax", "fax", &customer.fax),
    ];
    let known = known.into_iter().filter_map(|(label, field, value)| redacted.fact(label, field, value));
    let others = customer
        .contacts
        .iter()
        .filter_map(|contact| redacted.fact(label::words(&contact.kind), "contacts", &contact.value));
    known.chain(others).collect()
}

fn further(customer: &Customer, redacted: &Redacted<'_>) -> Vec<Fact> {
    let access: Vec<&str> = [(customer.library_all, "whole library"), (customer.directory, "member directory")]
        .into_iter()
        .filter_map(|(granted, what)| granted.then_some(what))
        .collect();
    let access = access.join(", ");
    let known = [
        ("Id", "id", &customer.id),
        ("Language", "language", &customer.language),
        ("Slug", "slug", &customer.slug),
        ("First seen from", "ip", &customer.ip),
        ("Access to", "access", &access),
    ];
    let known = known.into_iter().filter_map(|(label, field, value)| redacted.fact(label, field, value));
    known.chain(meta(&customer.meta, redacted)).collect()
}

/// The shop's own fields: one fact each of a JSON object, or the text itself when it is masked.
fn meta(meta: &str, redacted: &Redacted<'_>) -> Vec<Fact> {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(meta) {
        Ok(fields) => fields
            .into_iter()
            .filter_map(|(key, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                redacted.fact(key, "meta", &text)
            })
            .collect(),
        Err(_) => redacted.fact("Further fields", "meta", meta).into_iter().collect(),
    }
}

fn consents(customer: &Customer) -> Vec<(String, bool)> {
    let mut consents: Vec<(String, bool)> =
        customer.consents.iter().map(|(channel, given)| (label::channel(channel), *given)).collect();
    consents.sort();
    consents
}

fn times(customer: &Customer, zone: Tz) -> Vec<(&'static str, Moment)> {
    let known = [
        ("First order", &customer.first_order_at),
        ("Last order", &customer.last_order_at),
        ("Registered", &customer.registered_at),
        ("Last activity", &customer.last_activity_at),
        ("Added", &customer.created_at),
        ("Changed", &customer.updated_at),
    ];
    known.into_iter().filter_map(|(label, at)| Some((label, Moment::new(at.as_ref(), zone)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CU-4: a shop's own fields are shown one by one, and masked like the rest (ID-23).
    #[test]
    fn meta_is_shown_field_by_field() {
        let none = Redacted(&[]);
        let facts = meta(r#"{"shoe_size": 42, "vip": true, "note": "calls on Mondays"}"#, &none);
        let shown: Vec<(&str, &str)> = facts.iter().map(|f| (f.label.as_str(), f.value.as_str())).collect();
        assert_eq!(shown, [("note", "calls on Mondays"), ("shoe_size", "42"), ("vip", "true")]);
        let names = ["meta".to_owned()];
        let masked = meta("***", &Redacted(&names));
        assert!(masked[0].masked && masked[0].value == "***");
        assert!(meta("{}", &none).is_empty() && meta("", &none).is_empty());
    }
}
