//! Where a cart goes and where it is billed, as far as taxes and ways to ship depend on it (CA-11). Pure.
use kit::address::Address;
use proto::carts::v1 as pb;

use crate::cart::Cart;

/// A country, and a region of it where one is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 alpha-2 code; empty while unknown.
    pub country: String,
    /// As the address names it.
    pub region: String,
}

/// Where goods go, and where what is no goods is bought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Where goods go.
    pub shipping: Option<Place>,
    /// Where it is billed.
    pub billing: Option<Place>,
}

impl Places {
    /// Those of the contact of `cart`.
    #[must_use]
    pub fn of(cart: &Cart) -> Self {
        let Some(contact) = &cart.contact else { return Self::default() };
        let place = |address: &Option<Address>| address.as_ref().and_then(Place::of);
        Self { shipping: place(&contact.shipping), billing: place(&contact.billing) }
    }

    /// Where goods go: the shipping address, else the billing address, else where the store is, at `home`.
    #[must_use]
    pub fn goods(&self, home: &str) -> Place {
        self.shipping.as_ref().or(self.billing.as_ref()).cloned().unwrap_or_else(|| Place::at(home))
    }

    /// Where digital products are bought: the billing address, else the shipping address, else where the store is.
    #[must_use]
    pub fn buyer(&self, home: &str) -> Place {
        self.billing.as_ref().or(self.shipping.as_ref()).cloned().unwrap_or_else(|| Place::at(home))
    }
}

impl Place {
    /// Anywhere in `country`.
    #[must_use]
    pub fn at(country: &str) -> Self {
        Self { country: country.to_owned(), region: String::new() }
    }

    /// Where an address is, if it says so.
    fn of(address: &Address) -> Option<Self> {
        let Address { country, region, .. } = address.clone();
        (!country.is_empty()).then_some(Self { country, region })
    }

    /// Whether a table that names a `region` in lower case means this one.
    pub(super) fn is_in(&self, region: &str) -> bool {
        self.region.trim().to_lowercase() == region
    }
}

impl From<pb::Destinations> for Places {
    fn from(given: pb::Destinations) -> Self {
        let place = |given: pb::Destination| Place { country: given.country, region: given.region };
        let known = |place: &Place| !place.country.is_empty();
        Self { shipping: given.shipping.map(place).filter(known), billing: given.billing.map(place).filter(known) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-11: goods are taxed where they go, digital products where the buyer is, and both at the store's while nobody
    /// says where that is.
    #[test]
    fn places_are_told_apart() {
        let place = |country: Option<&str>| country.map(Place::at);
        for (shipping, billing, goods, buyer) in [
            (Some("DE"), Some("AT"), "DE", "AT"),
            (Some("DE"), None, "DE", "DE"),
            (None, Some("AT"), "AT", "AT"),
            (None, None, "FR", "FR"),
        ] {
            let places = Places { shipping: place(shipping), billing: place(billing) };
            assert_eq!((places.goods("FR"), places.buyer("FR")), (Place::at(goods), Place::at(buyer)));
        }
    }
}
