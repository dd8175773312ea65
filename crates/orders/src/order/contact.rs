//! Who buys and where it goes, as entered.
use kit::{email::Email, failure::Violation};
use proto::{base::v1 as base, carts::v1 as carts, customers::v1 as customers};
use serde::{Deserialize, Serialize};

/// Longest name or part of an address, in characters.
const LONG: usize = 200;
/// Longest phone number, in characters.
const PHONE: usize = 40;

/// A person and their addresses, as entered. Empty texts mean that nothing was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// E-mail address.
    pub email: String,
    /// Full name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Where it is shipped.
    pub shipping: Option<Address>,
    /// Where it is billed.
    pub billing: Option<Address>,
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the contract's Address")]
pub struct Address {
    pub name: String,
    pub business: String,
    pub line1: String,
    pub line2: String,
    pub city: String,
    pub region: String,
    pub postal_code: String,
    pub country: String,
    pub phone: String,
}

impl Contact {
    /// Reads what a shop front gave; every fault is added to `faults`. The e-mail may still be missing.
    #[must_use]
    pub fn parse(given: carts::Contact, faults: &mut Vec<Violation>) -> Self {
        let contact = Self::from(given);
        if !contact.email.is_empty()
            && let Err(error) = Email::parse(&contact.email)
        {
            faults.push(Violation::new("/contact/email", "malformed", error.to_string()));
        }
        too_long("/contact/name", &contact.name, LONG, faults);
        too_long("/contact/phone", &contact.phone, PHONE, faults);
        for (at, address) in [("/contact/shipping", &contact.shipping), ("/contact/billing", &contact.billing)] {
            if let Some(address) = address {
                address.check(at, faults);
            }
        }
        contact
    }

    /// Fills what is missing here from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let pick = |mine: String, theirs: String| if mine.is_empty() { theirs } else { mine };
        Self {
            email: pick(self.email, other.email),
            name: pick(self.name, other.name),
            phone: pick(self.phone, other.phone),
            shipping: self.shipping.or(other.shipping),
            billing: self.billing.or(other.billing),
        }
    }

    /// Whether both are the same person, by canonical e-mail.
    #[must_use]
    pub fn is_same_person(&self, other: &Self) -> bool {
        match (Email::parse(&self.email), Email::parse(&other.email)) {
            (Ok(mine), Ok(theirs)) => mine.canonical() == theirs.canonical(),
            _ => false,
        }
    }
}

fn too_long(pointer: impl Into<String>, text: &str, longest: usize, faults: &mut Vec<Violation>) {
    if text.chars().count() > longest {
        faults.push(Violation::new(pointer.into(), "too_long", format!("at most {longest} characters")));
    }
}

impl Address {
    fn check(&self, at: &str, faults: &mut Vec<Violation>) {
        for (field, text) in [
            ("name", &self.name),
            ("business", &self.business),
            ("line1", &self.line1),
            ("line2", &self.line2),
            ("city", &self.city),
            ("region", &self.region),
            ("postal_code", &self.postal_code),
        ] {
            too_long(format!("{at}/{field}"), text, LONG, faults);
        }
        too_long(format!("{at}/phone"), &self.phone, PHONE, faults);
        let is_code = self.country.len() == 2 && self.country.bytes().all(|b| b.is_ascii_uppercase());
        if !self.country.is_empty() && !is_code {
            let detail = "the country is an ISO 3166-1 code of two capitals, such as DE";
            faults.push(Violation::new(format!("{at}/country"), "malformed", detail));
        }
    }
}

impl From<carts::Contact> for Contact {
    fn from(contact: carts::Contact) -> Self {
        Self {
            email: contact.email.trim().to_owned(),
            name: contact.name.trim().to_owned(),
            phone: contact.phone.trim().to_owned(),
            shipping: address(contact.shipping),
            billing: address(contact.billing),
        }
    }
}

impl From<customers::Customer> for Contact {
    fn from(customer: customers::Customer) -> Self {
        let address = address(customer.address);
        Self {
            email: customer.email,
            name: customer.name,
            phone: customer.phone,
            shipping: address.clone(),
            billing: address,
        }
    }
}

/// An address with nothing in it is none.
fn address(given: Option<base::Address>) -> Option<Address> {
    given.filter(|given| *given != base::Address::default()).map(Address::from)
}

impl From<base::Address> for Address {
    fn from(a: base::Address) -> Self {
        Self {
            name: a.name,
            business: a.business,
            line1: a.line1,
            line2: a.line2,
            city: a.city,
            region: a.region,
            postal_code: a.postal_code,
            country: a.country,
            phone: a.phone,
        }
    }
}

impl From<Address> for base::Address {
    fn from(a: Address) -> Self {
        Self {
            name: a.name,
            business: a.business,
            line1: a.line1,
            line2: a.line2,
            city: a.city,
            region: a.region,
            postal_code: a.postal_code,
            country: a.country,
            phone: a.phone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(email: &str, name: &str) -> Contact {
        Contact { email: email.to_owned(), name: name.to_owned(), ..Contact::default() }
    }

    #[test]
    fn what_is_given_wins_and_gaps_are_filled() {
        let filled = contact("a@example.com", "").or(contact("b@example.com", "Bea"));
        assert_eq!(filled, contact("a@example.com", "Bea"));
    }

    #[test]
    fn spelling_does_not_make_another_person() {
        assert!(contact("Ann@Example.com ", "").is_same_person(&contact("ann@example.com", "Ann")));
        assert!(!contact("", "Ann").is_same_person(&contact("", "Ann")));
    }

    #[test]
    fn every_fault_is_named() {
        let shipping = base::Address { country: "Germany".to_owned(), city: "x".repeat(201), ..Default::default() };
        let given = carts::Contact {
            email: "no address".to_owned(),
            name: "n".repeat(201),
            phone: "1".repeat(41),
            shipping: Some(shipping),
            billing: Some(base::Address::default()),
        };
        let mut faults = Vec::new();
        assert_eq!(Contact::parse(given, &mut faults).billing, None);
        let pointers: Vec<_> = faults.iter().map(|fault| &*fault.pointer).collect();
        let expected = [
            "/contact/email",
            "/contact/name",
            "/contact/phone",
            "/contact/shipping/city",
            "/contact/shipping/country",
        ];
        assert_eq!(pointers, expected);
    }
}
