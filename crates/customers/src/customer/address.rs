//! The postal address somebody gave, and further contact methods as they are kept.
use kit::address::Address;
use proto::{base::v1 as base, customers::v1 as pb};
use serde::{Deserialize, Serialize};

use crate::fields::Fields;

/// Reads the address given along. `country` is where a phone without a country code is from; an unreadable phone is
/// left out.
pub fn parse(given: &base::Address, country: Option<&str>, fields: &mut Fields) -> Address {
    let mut faults = Vec::new();
    let mut address = Address::parse(given, "/address", &mut faults);
    fields.add(faults);
    address.phone = address.phone(country).ok().flatten().map(|phone| phone.to_string()).unwrap_or_default();
    address
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
