//! Who a cart belongs to, as a shopper typed it (CU-3).
use std::borrow::Cow;

use kit::{
    address::{self, Address},
    email::Email,
    failure::Violation,
    phone::{InvalidPhone, Phone},
};
use proto::{base::v1 as base, carts::v1 as pb};

/// Who a cart belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// E-mail address as entered.
    pub email: String,
    /// Full name; may be empty.
    pub name: String,
    /// Phone in E.164; may be empty.
    pub phone: String,
    /// Where to ship.
    pub shipping: Option<Address>,
    /// Where to bill.
    pub billing: Option<Address>,
}

impl Contact {
    /// Reads a contact, or tells all of its faults. `country` is where a phone number without a country code is taken
    /// to be from, unless an address knows better.
    pub fn parse(contact: pb::Contact, country: Option<&str>) -> Result<Self, Vec<Violation>> {
        let mut faults = Vec::new();
        let name = address::line("/name", &contact.name, address::LINE, &mut faults);
        let email = read_email(&contact.email, &mut faults);
        let mut address = |at, given: Option<base::Address>| {
            given.map(|given| read_address(at, &given, (&name, country), &mut faults))
        };
        let shipping = address("/shipping", contact.shipping);
        let billing = address("/billing", contact.billing);
        let country = shipping.as_ref().or(billing.as_ref()).map(|address| address.country.as_str()).or(country);
        let given = Some(contact.phone.trim()).filter(|phone| !phone.is_empty());
        let phone = given.map(|phone| Phone::parse(phone, country)).transpose();
        let phone = dialled("/phone", phone, &mut faults);
        if faults.is_empty() { Ok(Self { email, name, phone, shipping, billing }) } else { Err(faults) }
    }

    /// The address that the person's record is to remember.
    #[must_use]
    pub fn address(&self) -> Option<&Address> {
        self.shipping.as_ref().or(self.billing.as_ref())
    }
}

fn read_email(email: &str, faults: &mut Vec<Violation>) -> String {
    match Email::parse(email) {
        Ok(email) => return email.entered().to_owned(),
        Err(_) if email.trim().is_empty() => {
            faults.push(Violation::new("/email", "required", "an e-mail address is needed"));
        }
        Err(error) => faults.push(Violation::new("/email", "malformed", error.to_string())),
    }
    String::new()
}

/// An address that can be shipped to, by default to the person `owner`; `home` is where the store is.
fn read_address(
    at: &str,
    given: &base::Address,
    (owner, home): (&str, Option<&str>),
    faults: &mut Vec<Violation>,
) -> Address {
    let mut address = Address::parse(given, at, faults);
    address.check_complete(at, faults);
    if address.name.is_empty() {
        owner.clone_into(&mut address.name);
    }
    address.phone = dialled(format!("{at}/phone"), address.phone(home), faults);
    address
}

/// A phone in E.164, empty when there is none.
fn dialled(
    pointer: impl Into<Cow<'static, str>>,
    phone: Result<Option<Phone>, InvalidPhone>,
    faults: &mut Vec<Violation>,
) -> String {
    match phone {
        Ok(phone) => phone.map(|phone| phone.to_string()).unwrap_or_default(),
        Err(error) => {
            faults.push(Violation::new(pointer, "malformed", error.to_string()));
            String::new()
        }
    }
}

impl From<Contact> for pb::Contact {
    fn from(contact: Contact) -> Self {
        Self {
            email: contact.email,
            name: contact.name,
            phone: contact.phone,
            shipping: contact.shipping.map(Into::into),
            billing: contact.billing.map(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> base::Address {
        base::Address {
            line1: "Lindenstr. 5".to_owned(),
            city: "Berlin".to_owned(),
            country: "de".to_owned(),
            ..base::Address::default()
        }
    }

    fn given(email: &str, phone: &str) -> pb::Contact {
        let text = str::to_owned;
        pb::Contact { email: text(email), name: text(" Ada Byron "), phone: text(phone), shipping: None, billing: None }
    }

    #[test]
    fn a_phone_is_read_with_the_country_of_the_address() {
        let contact = pb::Contact { shipping: Some(home()), ..given("ada@example.com", "030 901820") };
        let contact = Contact::parse(contact, Some("FR")).unwrap();
        assert_eq!(contact.phone, "+4930901820");
        let shipping = contact.shipping.unwrap();
        assert_eq!((shipping.country.as_str(), shipping.name.as_str()), ("DE", "Ada Byron"));
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let billing = base::Address { line1: String::new(), country: "Germany".to_owned(), ..home() };
        let contact = pb::Contact { billing: Some(billing), name: "x".repeat(201), ..given("nobody", "12") };
        let faults = Contact::parse(contact, None).unwrap_err();
        let mut told: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_ref(), fault.code.as_ref())).collect();
        told.sort_unstable();
        let expected = [
            ("/billing/country", "unknown"),
            ("/billing/line1", "required"),
            ("/email", "malformed"),
            ("/name", "too_long"),
            ("/phone", "malformed"),
        ];
        assert_eq!(told, expected);
        assert_eq!(Contact::parse(given(" ", ""), None).unwrap_err()[0].code, "required");
    }
}
