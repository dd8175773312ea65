//! Who buys, as a shop front gives and sees it.
use proto::carts::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Address, text};

/// Who buys.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({
    "email": "jane@example.com", "name": "Jane Doe", "phone": "+49 30 901820",
    "addresses": [{
        "name": "Jane Doe", "line1": "Lindenstraße 9", "city": "Berlin", "postal_code": "10969", "country": "DE",
        "default_shipping": true, "default_billing": true,
    }],
}))]
pub struct GivenContact {
    /// E-mail address.
    pub email: String,
    /// Full name.
    #[serde(default)]
    pub name: Option<String>,
    /// Phone, with or without a country code.
    #[serde(default)]
    pub phone: Option<String>,
    /// Where to ship and bill: marked as such, otherwise the first is for both.
    #[serde(default)]
    pub addresses: Vec<GivenAddress>,
}

/// An address and what it is for.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct GivenAddress {
    /// The address.
    #[serde(flatten)]
    pub address: Address,
    /// Whether to ship there.
    #[serde(default)]
    pub default_shipping: bool,
    /// Whether to bill there.
    #[serde(default)]
    pub default_billing: bool,
}

impl From<GivenContact> for pb::Contact {
    fn from(given: GivenContact) -> Self {
        let marked = |fits: fn(&GivenAddress) -> bool| {
            let address = given.addresses.iter().find(|address| fits(address)).or(given.addresses.first());
            address.map(|address| address.address.clone().into())
        };
        Self {
            shipping: marked(|address| address.default_shipping),
            billing: marked(|address| address.default_billing),
            email: given.email,
            name: given.name.unwrap_or_default(),
            phone: given.phone.unwrap_or_default(),
        }
    }
}

/// Who buys, shown to themselves and to staff.
#[derive(Debug, Serialize, ToSchema)]
pub struct Contact {
    /// E-mail address.
    pub email: String,
    /// Full name.
    pub name: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Where to ship.
    pub shipping_address: Option<Address>,
    /// Where to bill.
    pub billing_address: Option<Address>,
}

impl From<pb::Contact> for Contact {
    fn from(contact: pb::Contact) -> Self {
        Self {
            email: contact.email,
            name: text(contact.name),
            phone: text(contact.phone),
            shipping_address: contact.shipping.map(Into::into),
            billing_address: contact.billing.map(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_serve_what_they_are_marked_for() -> serde_json::Result<()> {
        let contact = serde_json::json!({"email": "a@b.example", "addresses": [
            {"line1": "Home"}, {"line1": "Office", "default_billing": true},
        ]});
        let contact = pb::Contact::from(serde_json::from_value::<GivenContact>(contact)?);
        assert_eq!(contact.shipping.map(|address| address.line1).as_deref(), Some("Home"));
        assert_eq!(contact.billing.map(|address| address.line1).as_deref(), Some("Office"));
        Ok(())
    }
}
