//! The fields of two records that say something else on either side.
use proto::customers::v1::{self as pb, MergeConflict};
use serde_json::Value;

use crate::customer::Customer;

/// A field of which one side is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is its own name")]
pub enum Field {
    Name,
    Email,
    Phone,
    Username,
    PhotoUrl,
    Business,
    Fax,
    Contacts,
    Language,
    Meta,
    Address,
}

impl Field {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::Username,
        Self::PhotoUrl,
        Self::Business,
        Self::Fax,
        Self::Contacts,
        Self::Language,
        Self::Meta,
        Self::Address,
    ];

    /// As the API names it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Username => "username",
            Self::PhotoUrl => "photo_url",
            Self::Business => "business",
            Self::Fax => "fax",
            Self::Contacts => "contacts",
            Self::Language => "language",
            Self::Meta => "meta",
            Self::Address => "address",
        }
    }

    /// The field of this name.
    #[must_use]
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.slug() == slug)
    }

    /// Whether the two say something else here; nothing conflicts with what is empty.
    #[must_use]
    pub fn conflicts(self, one: &Customer, other: &Customer) -> bool {
        let differ = |one: &str, other: &str| !one.is_empty() && !other.is_empty() && one != other;
        match self {
            Self::Name => differ(&one.name, &other.name),
            Self::Email => differ(&one.email_canonical, &other.email_canonical),
            Self::Phone => differ(&one.phone, &other.phone),
            Self::Username => differ(&one.username, &other.username),
            Self::PhotoUrl => differ(&one.photo_url, &other.photo_url),
            Self::Business => differ(&one.business, &other.business),
            Self::Fax => differ(&one.fax, &other.fax),
            Self::Language => differ(&one.language, &other.language),
            Self::Contacts => !one.contacts.is_empty() && !other.contacts.is_empty() && one.contacts != other.contacts,
            Self::Meta => disagree(&one.meta, &other.meta),
            Self::Address => one.address.is_some() && other.address.is_some() && one.address != other.address,
        }
    }

    /// What a record that may have been masked says here.
    fn of(self, customer: &pb::Customer) -> String {
        match self {
            Self::Name => customer.name.clone(),
            Self::Email => customer.email.clone(),
            Self::Phone => customer.phone.clone(),
            Self::Username => customer.username.clone(),
            Self::PhotoUrl => customer.photo_url.clone(),
            Self::Business => customer.business.clone(),
            Self::Fax => customer.fax.clone(),
            Self::Language => customer.language.clone(),
            Self::Meta => customer.meta.clone(),
            Self::Contacts => {
                let ways = customer.contacts.iter();
                let ways = ways.map(|way| serde_json::json!({ "kind": way.kind, "value": way.value }));
                Value::Array(ways.collect()).to_string()
            }
            Self::Address => customer.address.clone().map_or_else(String::new, |address| {
                serde_json::to_string(&kit::address::Address::from(address)).unwrap_or_default()
            }),
        }
    }

    /// The conflict as the API tells it of records that may have been masked.
    #[must_use]
    pub fn told(self, one: &pb::Customer, other: &pb::Customer) -> MergeConflict {
        MergeConflict { field: self.slug().to_owned(), this: self.of(one), other: self.of(other) }
    }
}

/// Whether two objects have a member that says something else.
fn disagree(one: &Value, other: &Value) -> bool {
    let (Value::Object(one), Value::Object(other)) = (one, other) else { return one != other };
    one.iter().any(|(name, value)| other.get(name).is_some_and(|known| known != value))
}
