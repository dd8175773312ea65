//! Who buys, as a shop front gives and sees it.
use kit::{address, email::Email, failure::Violation};
use proto::carts::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Address, text};
use crate::problem::Problem;

/// Most addresses of a contact.
const ADDRESSES: usize = 10;

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
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    /// Full name.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub name: Option<String>,
    /// Phone, with or without a country code.
    #[serde(default)]
    #[schema(format = "phone", max_length = 40)]
    pub phone: Option<String>,
    /// Where to ship and bill: marked as such, otherwise the first is for both.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub addresses: Vec<GivenAddress>,
}

/// An address and what it is for.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct GivenAddress {
    /// The addressee; without it the person who buys.
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub name: String,
    /// Company.
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub business: String,
    /// Street and house number, or whatever the country puts first.
    #[schema(
        required = true,
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub line1: String,
    /// Second line.
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub line2: String,
    /// Town or city.
    #[schema(
        required = true,
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub city: String,
    /// State, province or region.
    #[schema(max_length = 100, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub region: String,
    /// Postal code.
    #[schema(max_length = 20, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 code.
    #[schema(required = true, format = "country", min_length = 2, max_length = 2)]
    pub country: String,
    /// Phone.
    #[schema(format = "phone", max_length = 40)]
    pub phone: String,
    /// Whether to ship there.
    pub default_shipping: bool,
    /// Whether to bill there.
    pub default_billing: bool,
}

impl From<&GivenAddress> for proto::base::v1::Address {
    fn from(given: &GivenAddress) -> Self {
        let GivenAddress { name, business, line1, line2, city, region, postal_code, country, phone, .. } =
            given.clone();
        Self { name, business, line1, line2, city, region, postal_code, country, phone }
    }
}

impl GivenContact {
    /// As services take it, or all that is wrong with its shape; `at` is where it stands in the request. Services know
    /// no more than two addresses and what they are for, so that only here faults can be told where they are.
    pub fn read(self, at: &str) -> Result<pb::Contact, Problem> {
        let faults = self.faults(at);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let marked = |fits: fn(&GivenAddress) -> bool| {
            let address = self.addresses.iter().find(|address| fits(address)).or(self.addresses.first());
            address.map(Into::into)
        };
        Ok(pb::Contact {
            shipping: marked(|address| address.default_shipping),
            billing: marked(|address| address.default_billing),
            email: self.email,
            name: self.name.unwrap_or_default(),
            phone: self.phone.unwrap_or_default(),
        })
    }

    fn faults(&self, at: &str) -> Vec<Violation> {
        let mut faults = Vec::new();
        if let Err(error) = Email::parse(&self.email) {
            faults.push(Violation::new(format!("{at}/email"), "malformed", error.to_string()));
        }
        for (field, text, longest) in [("name", &self.name, address::LINE), ("phone", &self.phone, address::PHONE)] {
            address::line(format!("{at}/{field}"), text.as_deref().unwrap_or_default(), longest, &mut faults);
        }
        if self.addresses.len() > ADDRESSES {
            let detail = format!("at most {ADDRESSES} addresses");
            faults.push(Violation::new(format!("{at}/addresses"), "too_many", detail));
        }
        for (n, given) in self.addresses.iter().take(ADDRESSES).enumerate() {
            let at = format!("{at}/addresses/{n}");
            let address = address::Address::parse(&given.into(), &at, &mut faults);
            address.check_complete(&at, &mut faults);
        }
        faults
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
    fn addresses_serve_what_they_are_marked_for() -> Result<(), Box<dyn std::error::Error>> {
        let contact = serde_json::json!({"email": "a@b.example", "addresses": [
            {"line1": "Home", "city": "Ulm", "country": "DE"},
            {"line1": "Office", "city": "Ulm", "country": "DE", "default_billing": true},
        ]});
        let contact = serde_json::from_value::<GivenContact>(contact)?.read("").map_err(|_| "it is refused")?;
        assert_eq!(contact.shipping.map(|address| address.line1).as_deref(), Some("Home"));
        assert_eq!(contact.billing.map(|address| address.line1).as_deref(), Some("Office"));
        Ok(())
    }

    #[test]
    fn faults_are_told_where_they_are() -> serde_json::Result<()> {
        let contact = serde_json::json!({"email": "nobody", "name": "A\u{0}", "addresses": [
            {"line1": "Home", "city": "Ulm", "country": "DE"}, {"line1": "Office", "country": "Germany"},
        ]});
        let faults = serde_json::from_value::<GivenContact>(contact)?.faults("/contact");
        let pointers: Vec<_> = faults.iter().map(|fault| &*fault.pointer).collect();
        let expected = ["/email", "/name", "/addresses/1/country", "/addresses/1/city"];
        assert_eq!(pointers, expected.map(|pointer| format!("/contact{pointer}")));
        Ok(())
    }
}
