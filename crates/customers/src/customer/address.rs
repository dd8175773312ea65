//! Postal addresses and further contact methods, as they are kept.
use kit::phone::Phone;
use proto::{base::v1 as base, customers::v1 as pb};
use serde::{Deserialize, Serialize};

use crate::fields::Fields;

/// Longest line of an address.
const LINE: usize = 200;

/// A postal address as its owner wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    name: String,
    business: String,
    line1: String,
    line2: String,
    city: String,
    region: String,
    postal_code: String,
    country: String,
    phone: String,
}

impl Address {
    /// Reads an address. `country` is where a phone without a country code is from; an unreadable phone is left out.
    pub fn parse(address: &base::Address, country: Option<&str>, fields: &mut Fields) -> Self {
        let code = address.country.trim();
        if !(code.is_empty() || code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())) {
            fields.fault("/address/country", "malformed", "the country must be an ISO 3166-1 code of two capitals");
        }
        let country = if code.is_empty() { country } else { Some(code) };
        Self {
            name: fields.line("/address/name", &address.name, LINE),
            business: fields.line("/address/business", &address.business, LINE),
            line1: fields.line("/address/line1", &address.line1, LINE),
            line2: fields.line("/address/line2", &address.line2, LINE),
            city: fields.line("/address/city", &address.city, LINE),
            region: fields.line("/address/region", &address.region, LINE),
            postal_code: fields.line("/address/postal_code", &address.postal_code, 20),
            country: code.to_owned(),
            phone: Phone::parse(&address.phone, country).map(|phone| phone.to_string()).unwrap_or_default(),
        }
    }
}

impl From<Address> for base::Address {
    fn from(address: Address) -> Self {
        Self {
            name: address.name,
            business: address.business,
            line1: address.line1,
            line2: address.line2,
            city: address.city,
            region: address.region,
            postal_code: address.postal_code,
            country: address.country,
            phone: address.phone,
        }
    }
}

/// A further way to reach a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    kind: String,
    value: String,
}

impl From<Contact> for pb::ContactMethod {
    fn from(contact: Contact) -> Self {
        Self { kind: contact.kind, value: contact.value }
    }
}
