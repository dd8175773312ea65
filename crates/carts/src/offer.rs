//! What the catalog sells and for how much, and what a cart comes to at these prices (CA-4, CA-11).
use std::collections::HashMap;

use kit::{
    ids::{ProductId, StoreId},
    money::{Currency, Money},
};
use proto::{carts::v1 as pb, catalog::v1::Product};

use crate::{
    Error,
    cart::{Cart, Line, Status},
};

/// A product as the catalog offers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Who sells it.
    pub store: StoreId,
    /// One-time price of one.
    pub price: Money,
    /// Whether it can be bought.
    pub active: bool,
    /// How it is shown.
    pub label: Label,
}

/// How a product is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the catalog")]
pub struct Label {
    pub sku: String,
    pub name: String,
    pub description: String,
    pub image_url: String,
    pub kind: String,
}

/// A product as a cart shows it; closed carts keep it (CA-2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// How the product is called.
    pub label: Label,
    /// Price of one in minor units, when it can be bought.
    pub price: Option<i64>,
}

impl TryFrom<Product> for Offer {
    type Error = kit::Error;

    fn try_from(product: Product) -> Result<Self, kit::Error> {
        let broken = |what: &str| kit::Error::Internal(format!("product {} came with a broken {what}", product.id));
        Ok(Self {
            store: product.store.parse().map_err(|_| broken("store"))?,
            price: product.price.as_ref().and_then(|price| Money::parse(price).ok()).ok_or_else(|| broken("price"))?,
            active: product.active,
            label: Label {
                sku: product.sku,
                name: product.name,
                description: product.description,
                image_url: product.images.into_iter().next().unwrap_or_default(),
                kind: product.kind,
            },
        })
    }
}

/// The catalog's answer about some products.
#[derive(Clone, Debug, Default)]
pub struct Offers(HashMap<ProductId, Offer>);

/// A cart at the prices of a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Priced {
    /// The lines in their order; those that cannot be bought count nothing.
    pub lines: Vec<pb::Line>,
    /// Sum of the lines in minor units.
    pub total: i64,
}

impl Offers {
    /// What the catalog has found.
    #[must_use]
    pub const fn new(found: HashMap<ProductId, Offer>) -> Self {
        Self(found)
    }

    /// The offer of a product, also of one that cannot be bought.
    #[must_use]
    pub fn get(&self, product: ProductId) -> Option<&Offer> {
        self.0.get(&product)
    }

    /// The offer of a product that can be bought.
    pub fn buyable(&self, product: ProductId) -> Result<&Offer, Error> {
        self.0.get(&product).filter(|offer| offer.active).ok_or(Error::ProductNotFound)
    }

    /// What `cart` comes to: now, or when it was bought.
    pub fn price(&self, cart: &Cart) -> Result<Priced, Error> {
        let Some((store, currency)) = cart.shop else { return Ok(Priced::default()) };
        let mut total = Money::new(0, currency);
        let mut lines = Vec::with_capacity(cart.lines.len());
        for line in &cart.lines {
            let priced = match cart.status {
                Status::Closed => line.priced(line.shown.clone(), currency)?,
                Status::Open | Status::Expired => line.priced(self.shown(line, store, currency), currency)?,
            };
            total = total.plus(Money::new(priced.subtotal, currency)).map_err(|_| Error::TotalTooLarge)?;
            lines.push(priced);
        }
        Ok(Priced { lines, total: total.amount })
    }

    /// Notes in the lines of `cart` how they are shown. What has left the catalog keeps its name.
    pub fn remember(&self, cart: &mut Cart) {
        let Some((store, currency)) = cart.shop else { return };
        for line in &mut cart.lines {
            let shown = self.shown(line, store, currency);
            match self.0.get(&line.product) {
                Some(_) => line.shown = shown,
                None => line.shown.price = None,
            }
        }
    }

    fn shown(&self, line: &Line, store: StoreId, currency: Currency) -> Shown {
        let Some(offer) = self.0.get(&line.product) else { return Shown::default() };
        let fits = offer.active && offer.store == store && offer.price.currency == currency;
        Shown { label: offer.label.clone(), price: fits.then_some(offer.price.amount) }
    }
}

impl Line {
    fn priced(&self, Shown { label, price }: Shown, currency: Currency) -> Result<pb::Line, Error> {
        let one = Money::new(price.unwrap_or_default(), currency);
        let subtotal = one.times(self.quantity.pieces()).map_err(|_| Error::TotalTooLarge)?;
        Ok(pb::Line {
            id: self.id.into(),
            product: self.product.into(),
            sku: label.sku,
            name: label.name,
            description: label.description,
            image_url: label.image_url,
            kind: label.kind,
            quantity: self.quantity.pieces(),
            price: one.amount,
            subtotal: subtotal.amount,
            available: price.is_some(),
        })
    }
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
