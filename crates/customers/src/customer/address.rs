//! The postal address somebody gave, and further contact methods as they are kept.
use kit::address::{Address, LINE};
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

/// Longest kind of a contact method.
const KIND: usize = 40;
/// Most of them.
const MOST: usize = 20;

/// A further way to reach a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    kind: String,
    pub(crate) value: String,
}

impl Contact {
    /// Reads further ways to reach somebody; each is something.
    pub fn parse_all(given: &[pb::ContactMethod], fields: &mut Fields) -> Vec<Self> {
        if given.len() > MOST {
            fields.fault("/contacts", "too_many", "at most 20 ways to reach somebody");
        }
        let read = |way: &pb::ContactMethod| Self {
            kind: fields.line("/contacts/kind", &way.kind, KIND),
            value: fields.line("/contacts/value", &way.value, LINE),
        };
        let contacts: Vec<_> = given.iter().take(MOST).map(read).collect();
        if contacts.iter().any(|way| way.kind.is_empty() || way.value.is_empty()) {
            fields.fault("/contacts", "required", "each way needs its kind and its value");
        }
        contacts
    }
}

impl From<Contact> for pb::ContactMethod {
    fn from(contact: Contact) -> Self {
        Self { kind: contact.kind, value: contact.value }
    }
}
