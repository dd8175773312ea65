//! Who buys and where it goes, as entered.
use kit::{
    address::{self, Address},
    email::Email,
    failure::Violation,
};
use proto::{base::v1 as base, carts::v1 as carts, customers::v1 as customers};
use serde::{Deserialize, Serialize};

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

impl Contact {
    /// Reads what a shop front gave; every fault is added to `faults`. The e-mail may still be missing.
    #[must_use]
    pub fn parse(given: carts::Contact, faults: &mut Vec<Violation>) -> Self {
        let email = given.email.trim().to_owned();
        if !email.is_empty()
            && let Err(error) = Email::parse(&email)
        {
            faults.push(Violation::new("/contact/email", "malformed", error.to_string()));
        }
        let name = address::line("/contact/name", &given.name, address::LINE, faults);
        let phone = address::line("/contact/phone", &given.phone, address::PHONE, faults);
        let mut address = |at, given| some(given).map(|given| Address::parse(&given, at, faults));
        let shipping = address("/contact/shipping", given.shipping);
        let billing = address("/contact/billing", given.billing);
        Self { email, name, phone, shipping, billing }
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

impl Contact {
    /// Where it goes and where it is billed, as far as taxes and ways to ship depend on it (CA-11).
    #[must_use]
    pub fn destinations(&self) -> carts::Destinations {
        let place = |address: &Option<Address>| {
            let Address { country, region, .. } = address.clone().filter(|address| !address.country.is_empty())?;
            Some(carts::Destination { country, region })
        };
        carts::Destinations { shipping: place(&self.shipping), billing: place(&self.billing) }
    }
}

impl From<carts::Contact> for Contact {
    fn from(contact: carts::Contact) -> Self {
        Self {
            email: contact.email,
            name: contact.name,
            phone: contact.phone,
            shipping: some(contact.shipping).map(Address::from),
            billing: some(contact.billing).map(Address::from),
        }
    }
}

impl From<customers::Customer> for Contact {
    fn from(customer: customers::Customer) -> Self {
        let address = some(customer.address).map(Address::from);
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
fn some(given: Option<base::Address>) -> Option<base::Address> {
    given.filter(|given| *given != base::Address::default())
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

    /// OR-2: what the database or the customer's record would refuse is refused at once, and named.
    #[test]
    fn every_fault_is_named() {
        let shipping = base::Address {
            city: "x".repeat(201),
            postal_code: "1".repeat(21),
            country: "Germany".to_owned(),
            ..Default::default()
        };
        let given = carts::Contact {
            email: "no address".to_owned(),
            name: "A\0".to_owned(),
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
            "/contact/shipping/postal_code",
            "/contact/shipping/country",
        ];
        assert_eq!(pointers, expected);
    }
}
