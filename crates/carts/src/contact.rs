//! Who a cart belongs to, as a shopper typed it (CU-3).
use kit::{email::Email, failure::Violation, phone::Phone};
use proto::{base::v1 as base, carts::v1 as pb};
use serde::{Deserialize, Serialize};

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

/// A postal address; what a country does not use is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the contract")]
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
    /// Reads a contact, or tells all of its faults. `country` is where a phone number without a country code is taken
    /// to be from, unless an address knows better.
    pub fn parse(contact: pb::Contact, country: Option<&str>) -> Result<Self, Vec<Violation>> {
        let mut form = Form::default();
        let name = form.text("/name", &contact.name, 200);
        let email = form.email(&contact.email);
        let mut address =
            |at, given: Option<base::Address>| given.map(|given| form.address(at, &given, &name, country));
        let shipping = address("/shipping", contact.shipping);
        let billing = address("/billing", contact.billing);
        let country = shipping.as_ref().or(billing.as_ref()).map(|address| address.country.as_str()).or(country);
        let phone = form.phone("/phone".to_owned(), &contact.phone, country);
        if form.faults.is_empty() { Ok(Self { email, name, phone, shipping, billing }) } else { Err(form.faults) }
    }

    /// The address that the person's record is to remember.
    #[must_use]
    pub fn address(&self) -> Option<&Address> {
        self.shipping.as_ref().or(self.billing.as_ref())
    }
}

/// Fields as they are read, and their faults.
#[derive(Default)]
struct Form {
    faults: Vec<Violation>,
}

impl Form {
    fn fault(&mut self, pointer: impl Into<String>, code: &'static str, detail: &'static str) {
        self.faults.push(Violation::new(pointer.into(), code, detail));
    }

    fn text(&mut self, pointer: &str, text: &str, most: usize) -> String {
        let text = text.trim();
        if text.chars().count() > most {
            self.fault(pointer, "too_long", "this is too long");
        } else if text.chars().any(char::is_control) {
            self.fault(pointer, "malformed", "this holds characters that cannot be printed");
        }
        text.to_owned()
    }

    fn required(&mut self, pointer: &str, text: &str, most: usize) -> String {
        let text = self.text(pointer, text, most);
        if text.is_empty() {
            self.fault(pointer, "required", "this must not be empty");
        }
        text
    }

    fn email(&mut self, email: &str) -> String {
        match Email::parse(email) {
            Ok(email) => return email.entered().to_owned(),
            Err(_) if email.trim().is_empty() => self.fault("/email", "required", "an e-mail address is needed"),
            Err(_) => self.fault("/email", "malformed", "this is not an e-mail address"),
        }
        String::new()
    }

    fn phone(&mut self, pointer: String, phone: &str, country: Option<&str>) -> String {
        if phone.trim().is_empty() {
            return String::new();
        }
        if let Ok(phone) = Phone::parse(phone, country) {
            return phone.as_str().to_owned();
        }
        self.fault(pointer, "malformed", "this is not a phone number; write it with its country code");
        String::new()
    }

    fn address(&mut self, at: &str, given: &base::Address, owner: &str, home: Option<&str>) -> Address {
        let pointer = |field: &str| format!("{at}/{field}");
        let name = self.text(&pointer("name"), &given.name, 200);
        let country = self.country(pointer("country"), &given.country);
        let hint = Some(country.as_str()).filter(|code| !code.is_empty()).or(home);
        Address {
            name: if name.is_empty() { owner.to_owned() } else { name },
            business: self.text(&pointer("business"), &given.business, 200),
            line1: self.required(&pointer("line1"), &given.line1, 200),
            line2: self.text(&pointer("line2"), &given.line2, 200),
            city: self.required(&pointer("city"), &given.city, 100),
            region: self.text(&pointer("region"), &given.region, 100),
            postal_code: self.text(&pointer("postal_code"), &given.postal_code, 20),
            phone: self.phone(pointer("phone"), &given.phone, hint),
            country,
        }
    }

    fn country(&mut self, pointer: String, code: &str) -> String {
        let code = code.trim().to_ascii_uppercase();
        if code.is_empty() {
            self.fault(pointer, "required", "this must not be empty");
        } else if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            self.fault(pointer, "malformed", "the country must be an ISO 3166-1 alpha-2 code, such as DE");
        }
        code
    }
}

impl From<Address> for base::Address {
    fn from(address: Address) -> Self {
        let Address { name, business, line1, line2, city, region, postal_code, country, phone } = address;
        Self { name, business, line1, line2, city, region, postal_code, country, phone }
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
            ("/billing/country", "malformed"),
            ("/billing/line1", "required"),
            ("/email", "malformed"),
            ("/name", "too_long"),
            ("/phone", "malformed"),
        ];
        assert_eq!(told, expected);
        assert_eq!(Contact::parse(given(" ", ""), None).unwrap_err()[0].code, "required");
    }
}
