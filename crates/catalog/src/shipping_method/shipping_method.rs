//! A way of a store to ship. Pure.
use chrono::{DateTime, Utc};
use kit::{
    address::is_country,
    audit::json,
    clock::timestamp,
    failure::Violation,
    ids::ShippingMethodId,
    money::{Currency, Money},
};
use proto::catalog::v1 as pb;

use crate::{
    Error,
    product::fields::{price, text},
};

/// Last place in the list.
const LAST: u32 = 9_999;

/// A way to ship. Digital products need none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippingMethod {
    /// Id.
    pub id: ShippingMethodId,
    /// What it is.
    pub terms: Terms,
    /// Grows with every change.
    pub version: i64,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What staff can change about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Display name.
    pub name: String,
    /// In the store's currency.
    pub price: Money,
    /// Value of goods, in minor units of the same currency, from which it is free.
    pub free_from: Option<i64>,
    /// ISO 3166-1 alpha-2 codes of where it goes, in order; none for everywhere.
    pub countries: Vec<String>,
    /// Whether it can be chosen.
    pub active: bool,
    /// Place in the list.
    pub position: i32,
}

impl Terms {
    /// Reads what staff gave; all its faults are told at once.
    pub fn parse(given: pb::ShippingTerms, currency: Currency) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let name = given.name.trim().to_owned();
        faults.extend(text("/name", &name, 1, 100));
        let amount = if let Some(given) = &given.price {
            price("/price", given, currency, &mut faults)?
        } else {
            faults.push(Violation::new("/price", "required", "shipping has a price, which may be 0"));
            Money::new(0, currency)
        };
        let free_from = match &given.free_from {
            Some(given) => Some(price("/free_from", given, currency, &mut faults)?.amount),
            None => None,
        };
        let mut countries = given.countries;
        if countries.len() > 250 {
            faults.push(Violation::new("/countries", "too_many", "at most 250 countries"));
            countries.truncate(250);
        }
        for (place, code) in countries.iter().enumerate().filter(|(_, code)| !is_country(code)) {
            let detail = format!("{code:?} is no ISO 3166-1 alpha-2 code");
            faults.push(Violation::new(format!("/countries/{place}"), "unknown", detail));
        }
        countries.sort_unstable();
        countries.dedup();
        if given.position > LAST {
            faults.push(Violation::new("/position", "out_of_range", "0 to 9999"));
        }
        if !faults.is_empty() {
            return Err(kit::Error::Invalid(faults).into());
        }
        let position = given.position.cast_signed();
        Ok(Self { name, price: amount, free_from, countries, active: given.active, position })
    }

    /// As the audit tells of them.
    #[must_use]
    pub fn told(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "price": self.price.amount,
            "free_from": self.free_from,
            "currency": self.price.currency.code(),
            "countries": self.countries,
            "active": self.active,
            "position": self.position,
        })
    }
}

impl From<ShippingMethod> for pb::ShippingMethod {
    fn from(method: ShippingMethod) -> Self {
        let terms = method.terms;
        let free_from = terms.free_from.map(|amount| Money::new(amount, terms.price.currency).into());
        Self {
            id: method.id.into(),
            terms: Some(pb::ShippingTerms {
                name: terms.name,
                price: Some(terms.price.into()),
                free_from,
                countries: terms.countries,
                active: terms.active,
                position: terms.position.cast_unsigned(),
            }),
            version: method.version,
            created_at: Some(timestamp(method.created_at)),
            updated_at: Some(timestamp(method.updated_at)),
        }
    }
}
