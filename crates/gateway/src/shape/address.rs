//! Postal addresses.
use proto::base::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A postal address as its owner wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(example = json!({
    "name": "Jane Doe", "line1": "Lindenstraße 9", "city": "Berlin", "postal_code": "10969", "country": "DE",
}))]
pub struct Address {
    /// The addressee.
    pub name: String,
    /// Company.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub business: String,
    /// Street and house number, or whatever the country puts first.
    pub line1: String,
    /// Second line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub line2: String,
    /// Town or city.
    pub city: String,
    /// State, province or region.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Phone.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

impl Address {
    /// In one line, as shop clients show it.
    pub fn line(&self) -> String {
        let town = format!("{} {}", self.postal_code, self.city);
        let parts = [&*self.line1, &self.line2, town.trim(), &self.region, &self.country];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
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

    #[test]
    fn one_line_leaves_out_what_is_empty() {
        let address = Address {
            line1: "Lindenstraße 9".to_owned(),
            city: "Berlin".to_owned(),
            country: "DE".to_owned(),
            ..Address::default()
        };
        assert_eq!(address.line(), "Lindenstraße 9, Berlin, DE");
    }
}
