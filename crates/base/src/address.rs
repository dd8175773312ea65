//! Postal addresses, with the one set of limits that every service holds them to.
use std::borrow::Cow;

use proto::base::v1 as pb;
use serde::{Deserialize, Serialize};

use crate::{
    failure::Violation,
    label,
    phone::{InvalidPhone, Phone},
};

/// Longest name of a person or a business and longest line of an address, in characters.
pub const LINE: usize = 200;
/// Longest city or region.
const PLACE: usize = 100;
/// Longest postal code.
const CODE: usize = 20;
/// Longest phone number as entered.
pub const PHONE: usize = 40;

/// Whether `code` is a country's by ISO 3166-1 alpha-2, in capitals, or one that posts know beside these, such as XK.
#[must_use]
pub fn is_country(code: &str) -> bool {
    label::knows(code)
}

/// A postal address as its owner wrote it; what a country does not use is empty.
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

impl Address {
    /// Reads an address; every fault is added with its pointer below `at`, such as `/shipping`. The phone stays as
    /// entered: ask [`Self::phone`] whether it can be read.
    pub fn parse(given: &pb::Address, at: &str, faults: &mut Vec<Violation>) -> Self {
        let mut line = |field, text, longest| line(format!("{at}/{field}"), text, longest, faults);
        let address = Self {
            name: line("name", &given.name, LINE),
            business: line("business", &given.business, LINE),
            line1: line("line1", &given.line1, LINE),
            line2: line("line2", &given.line2, LINE),
            city: line("city", &given.city, PLACE),
            region: line("region", &given.region, PLACE),
            postal_code: line("postal_code", &given.postal_code, CODE),
            country: given.country.trim().to_ascii_uppercase(),
            phone: line("phone", &given.phone, PHONE),
        };
        if !is_country(&address.country) && !address.country.is_empty() {
            let detail = "the country must be an ISO 3166-1 alpha-2 code, such as DE";
            faults.push(Violation::new(format!("{at}/country"), "unknown", detail));
        }
        address
    }

    /// Adds what a parcel cannot do without to `faults`.
    pub fn check_complete(&self, at: &str, faults: &mut Vec<Violation>) {
        for (field, text) in [("line1", &self.line1), ("city", &self.city), ("country", &self.country)] {
            if text.is_empty() {
                faults.push(Violation::new(format!("{at}/{field}"), "required", "this must not be empty"));
            }
        }
    }

    /// The phone, if there is one. Without a country code it is taken to be from the address's country, else `home`.
    pub fn phone(&self, home: Option<&str>) -> Result<Option<Phone>, InvalidPhone> {
        let country = Some(self.country.as_str()).filter(|code| !code.is_empty()).or(home);
        if self.phone.is_empty() { Ok(None) } else { Phone::parse(&self.phone, country).map(Some) }
    }
}

/// A line of text, trimmed; one that is too long or holds control characters is added to `faults`.
pub fn line(pointer: impl Into<Cow<'static, str>>, text: &str, longest: usize, faults: &mut Vec<Violation>) -> String {
    let text = text.trim();
    if text.chars().count() > longest {
        faults.push(Violation::new(pointer, "too_long", format!("at most {longest} characters")));
    } else if text.chars().any(char::is_control) {
        faults.push(Violation::new(pointer, "malformed", "this holds characters that cannot be printed"));
    }
    text.to_owned()
}

impl From<pb::Address> for Address {
    fn from(address: pb::Address) -> Self {
        let pb::Address { name, business, line1, line2, city, region, postal_code, country, phone } = address;
        Self { name, business, line1, line2, city, region, postal_code, country, phone }
    }
}

impl From<Address> for pb::Address {
    fn from(address: Address) -> Self {
        let Address { name, business, line1, line2, city, region, postal_code, country, phone } = address;
        Self { name, business, line1, line2, city, region, postal_code, country, phone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(given: &pb::Address) -> Vec<String> {
        let mut faults = Vec::new();
        Address::parse(given, "/shipping", &mut faults);
        faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    /// OR-2: an address is told all of its faults, and kept as entered but for the spaces around it.
    #[test]
    fn every_fault_is_told_where_it_is() {
        let given = pb::Address {
            name: "A\0".to_owned(),
            line1: "x".repeat(201),
            line2: " 2nd floor ".to_owned(),
            city: "x".repeat(101),
            region: "x".repeat(100),
            postal_code: "1".repeat(21),
            country: "Germany".to_owned(),
            phone: "1\n2".to_owned(),
            ..pb::Address::default()
        };
        let expected = [
            "/shipping/name malformed",
            "/shipping/line1 too_long",
            "/shipping/city too_long",
            "/shipping/postal_code too_long",
            "/shipping/phone malformed",
            "/shipping/country unknown",
        ];
        assert_eq!(faults(&given), expected);
        let read = Address::parse(&given, "", &mut Vec::new());
        assert_eq!((read.line2.as_str(), read.region.len()), ("2nd floor", 100));
        assert!(faults(&pb::Address::default()).is_empty(), "an address may have gaps");
    }

    /// CU-9: a phone is read with the country of its address.
    #[test]
    fn the_country_says_where_the_phone_is_from() {
        let address = |country: &str, phone: &str| {
            let given = pb::Address { country: country.to_owned(), phone: phone.to_owned(), ..Default::default() };
            Address::parse(&given, "", &mut Vec::new())
        };
        let phone = |address: &Address| address.phone(Some("FR")).map(|phone| phone.map(|phone| phone.to_string()));
        assert_eq!(phone(&address("de", "030 901820")), Ok(Some("+4930901820".to_owned())));
        assert_eq!(phone(&address("", "01 42 68 53 00")), Ok(Some("+33142685300".to_owned())));
        assert_eq!(phone(&address("DE", " ")), Ok(None));
        assert_eq!(phone(&address("DE", "call me")), Err(InvalidPhone));
    }

    #[test]
    fn a_parcel_needs_a_street_a_town_and_a_country() {
        let mut faults = Vec::new();
        Address::default().check_complete("/billing", &mut faults);
        let told: Vec<_> = faults.iter().map(|fault| fault.pointer.as_ref()).collect();
        assert_eq!(told, ["/billing/line1", "/billing/city", "/billing/country"]);
    }
}
