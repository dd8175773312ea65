//! A store's ways to ship and tax rates. Pure.
use kit::{ids::ShippingMethodId, money::Currency};
use proto::catalog::v1 as catalog;

use super::Place;
use crate::pricing::{Delivery, Tax};

/// Class of products that nobody said anything else of, and of shipping.
const STANDARD: &str = "standard";

/// What a store takes for shipping and as tax.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tariff {
    /// Country of the store, ISO 3166-1 alpha-2; may be empty.
    pub home: String,
    /// Ways to ship that can be chosen, by position.
    pub methods: Vec<Method>,
    /// Active rates; one for a place and class.
    pub rates: Vec<Rate>,
}

/// A way to ship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Id.
    pub id: ShippingMethodId,
    /// What it is called.
    pub name: String,
    /// What it costs, in minor units.
    pub price: i64,
    /// Of which currency.
    pub currency: String,
    /// Value of goods from which it is free.
    pub free_from: Option<i64>,
    /// Where it goes; everywhere when empty.
    pub countries: Vec<String>,
}

/// A tax of a place on a class of products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Region in lower case; empty for all of the country.
    pub region: String,
    /// "standard", "reduced" or "zero".
    pub class: String,
    /// How much.
    pub tax: Tax,
}

/// How something gets to its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way<'a> {
    /// Nothing is shipped, or the store says nothing of how.
    NotNeeded,
    /// One is to be chosen.
    Needed,
    /// This one.
    Chosen(&'a Method),
    /// The chosen one is no longer offered.
    Withdrawn,
    /// The chosen one does not go there.
    Elsewhere,
}

impl Way<'_> {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::NotNeeded => "not_needed",
            Self::Needed => "needed",
            Self::Chosen(_) => "chosen",
            Self::Withdrawn => "withdrawn",
            Self::Elsewhere => "elsewhere",
        }
    }
}

impl Method {
    /// Whether it goes to `country`.
    #[must_use]
    pub fn serves(&self, country: &str) -> bool {
        self.countries.is_empty() || self.countries.iter().any(|served| served == country)
    }
}

impl Tariff {
    /// The tax on products of `class` at `place`: that of the region, else that of the country, else none.
    #[must_use]
    pub fn tax(&self, place: &Place, class: &str) -> Tax {
        let class = if class.is_empty() { STANDARD } else { class };
        let here = || self.rates.iter().filter(|rate| rate.country == place.country && rate.class == class);
        let region = here().find(|rate| !rate.region.is_empty() && place.is_in(&rate.region));
        region.or_else(|| here().find(|rate| rate.region.is_empty())).map_or_else(Tax::default, |rate| rate.tax)
    }

    /// How `method` delivers to `place`: it is taxed as most things are there.
    #[must_use]
    pub fn delivery(&self, method: &Method, place: &Place) -> Delivery {
        Delivery { price: method.price, free_from: method.free_from, tax: self.tax(place, STANDARD) }
    }

    /// The ways to ship to `place` that are paid in `currency`.
    pub fn ways<'a>(&'a self, place: &'a Place, currency: Currency) -> impl Iterator<Item = &'a Method> {
        self.offered(currency).filter(|method| method.serves(&place.country))
    }

    fn offered(&self, currency: Currency) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(move |method| method.currency == currency.code())
    }

    /// How goods get to `place` when `chosen` was said.
    #[must_use]
    pub fn way(&self, chosen: Option<ShippingMethodId>, place: &Place, currency: Currency) -> Way<'_> {
        if self.offered(currency).next().is_none() {
            return Way::NotNeeded;
        }
        let Some(chosen) = chosen else { return Way::Needed };
        match self.offered(currency).find(|method| method.id == chosen) {
            Some(method) if method.serves(&place.country) => Way::Chosen(method),
            Some(_) => Way::Elsewhere,
            None => Way::Withdrawn,
        }
    }
}

impl TryFrom<(catalog::Tariff, String)> for Tariff {
    type Error = kit::Error;

    /// The catalog's, of a store whose country is `home`.
    fn try_from((told, home): (catalog::Tariff, String)) -> Result<Self, kit::Error> {
        let broken = |what: &str| kit::Error::Internal(format!("the tariff of {} has a broken {what}", told.store));
        let method = |method: catalog::ShippingMethod| {
            let (id, terms) = (method.id.parse().ok()?, method.terms?);
            let catalog::ShippingTerms { name, price, free_from, countries, .. } = terms;
            let (price, free_from) = (price?, free_from.map(|amount| amount.amount));
            Some(Method { id, name, price: price.amount, currency: price.currency, free_from, countries })
        };
        let rate = |rate: catalog::TaxRate| {
            let catalog::TaxTerms { country, region, rate, included, class, .. } = rate.terms?;
            Some(Rate { country, region: region.trim().to_lowercase(), class, tax: Tax { rate, included } })
        };
        let methods = told.shipping_methods.iter().cloned().map(method).collect::<Option<_>>();
        let rates = told.tax_rates.iter().cloned().map(rate).collect::<Option<_>>();
        Ok(Self {
            home,
            methods: methods.ok_or_else(|| broken("way to ship"))?,
            rates: rates.ok_or_else(|| broken("tax rate"))?,
        })
    }
}

#[cfg(test)]
#[path = "tariff_tests.rs"]
pub(crate) mod tests;
