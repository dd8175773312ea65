//! A tax of a place on a class of products. Pure.
use chrono::{DateTime, Utc};
use kit::{address::is_country, audit::json, clock::timestamp, failure::Violation, ids::TaxRateId};
use proto::catalog::v1 as pb;

use crate::{
    Error,
    product::{fields::text, product::TaxClass},
};

/// All of a price: hundredths of a percent.
const WHOLE: u32 = 10_000;

/// A tax rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxRate {
    /// Id.
    pub id: TaxRateId,
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
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Region of the country; empty for all of it.
    pub region: String,
    /// Hundredths of a percent.
    pub rate: i32,
    /// Whether prices contain it; otherwise it is added to them.
    pub included: bool,
    /// Which products it is on.
    pub class: TaxClass,
    /// Whether it is charged.
    pub active: bool,
}

impl Terms {
    /// Reads what staff gave; all its faults are told at once.
    pub fn parse(given: &pb::TaxTerms) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let (name, region) = (given.name.trim().to_owned(), given.region.trim().to_owned());
        faults.extend(text("/name", &name, 1, 100));
        faults.extend(text("/region", &region, 0, 100));
        if !is_country(&given.country) {
            faults.push(Violation::new("/country", "unknown", "this is no ISO 3166-1 alpha-2 code"));
        }
        if given.rate > WHOLE {
            faults.push(Violation::new("/rate", "out_of_range", "a rate is 0 to 10000 hundredths of a percent"));
        }
        let class = TaxClass::parse(&given.class, "/class").unwrap_or_else(|fault| {
            faults.push(fault);
            TaxClass::Standard
        });
        if class == TaxClass::Zero && given.rate > 0 {
            faults.push(Violation::new("/rate", "not_allowed", "the rate of the class zero is 0"));
        }
        if !faults.is_empty() {
            return Err(Error::faults(faults));
        }
        let (rate, country) = (given.rate.cast_signed(), given.country.clone());
        Ok(Self { name, country, region, rate, included: given.included, class, active: given.active })
    }

    /// As the audit tells of them.
    #[must_use]
    pub fn told(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "country": self.country,
            "region": self.region,
            "rate": self.rate,
            "included": self.included,
            "class": self.class.slug(),
            "active": self.active,
        })
    }
}

impl From<TaxRate> for pb::TaxRate {
    fn from(rate: TaxRate) -> Self {
        let terms = rate.terms;
        Self {
            id: rate.id.into(),
            terms: Some(pb::TaxTerms {
                name: terms.name,
                country: terms.country,
                region: terms.region,
                rate: terms.rate.cast_unsigned(),
                included: terms.included,
                class: terms.class.slug().to_owned(),
                active: terms.active,
            }),
            version: rate.version,
            created_at: Some(timestamp(rate.created_at)),
            updated_at: Some(timestamp(rate.updated_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-11: rates have bounds, a place and a class, and the class zero has none.
    #[test]
    fn faults_of_rates_are_told() {
        let terms = |rate, class: &str| pb::TaxTerms {
            name: "VAT".to_owned(),
            country: "DE".to_owned(),
            rate,
            class: class.to_owned(),
            ..pb::TaxTerms::default()
        };
        for (given, valid) in [
            (terms(1_900, "standard"), true),
            (terms(10_000, ""), true),
            (terms(10_001, "standard"), false),
            (terms(0, "zero"), true),
            (terms(1, "zero"), false),
            (terms(1, "huge"), false),
            (pb::TaxTerms { country: "de".to_owned(), ..terms(1, "") }, false),
            (pb::TaxTerms { name: " ".to_owned(), ..terms(1, "") }, false),
        ] {
            assert_eq!(Terms::parse(&given).is_ok(), valid, "{given:?}");
        }
    }
}
