//! What the catalog sells and for how much, and what a cart comes to at these prices (CA-4, CA-11).
use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use kit::{
    ids::{PlanId, ProductId, StoreId},
    money::{self, Currency, Money},
};
use proto::{
    carts::v1 as pb,
    catalog::v1::{self as catalog, Product},
};
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    cart::{Cart, Line},
    code::Code,
    pricing::Reduction,
    tariff::Tariff,
};

/// A product as the catalog offers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Who sells it.
    pub store: StoreId,
    /// Of all its prices.
    pub currency: Currency,
    /// One-time price of one in minor units; none when it is sold by plan only.
    pub price: Option<i64>,
    /// Plans that can be subscribed to.
    pub plans: Vec<Plan>,
    /// Whether it can be bought.
    pub active: bool,
    /// Which tax rates it takes.
    pub tax_class: String,
    /// Version of the store's tariff.
    pub tariff: i64,
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
    pub package: String,
}

/// A plan of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the catalog")]
pub struct Plan {
    /// `plan_…`.
    pub id: String,
    pub name: String,
    pub interval: String,
    pub count: u32,
    /// Of each payment, in minor units of the product's currency.
    pub price: i64,
    pub trial_days: u32,
}

/// A product as a cart shows it; closed carts keep it (CA-2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// How the product is called.
    pub label: Label,
    /// Price of one in minor units, when it can be bought.
    pub price: Option<i64>,
    /// Plan by which it is subscribed to, when there is such a plan.
    pub plan: Option<Plan>,
    /// What was taken off when it was bought.
    pub discount: i64,
    /// What the state took of it when it was bought.
    pub taxed: Taxed,
}

/// What the state takes of a line, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taxed {
    /// On top of its price.
    pub tax: i64,
    /// In its price.
    pub included_tax: i64,
    /// Hundredths of a percent.
    pub rate: u32,
    /// Whether the price holds it.
    pub included: bool,
}

impl TryFrom<Product> for Offer {
    type Error = kit::Error;

    fn try_from(product: Product) -> Result<Self, kit::Error> {
        let broken = |what: &str| kit::Error::Internal(format!("product {} came with a broken {what}", product.id));
        Ok(Self {
            store: product.store.parse().map_err(|_| broken("store"))?,
            currency: money::currency(&product.currency).map_err(|_| broken("currency"))?,
            price: product.price.map(|price| price.amount),
            plans: product.plans.into_iter().filter(|plan| plan.active).map(Plan::from).collect(),
            active: product.active,
            tax_class: product.tax_class,
            tariff: product.tariff_version,
            label: Label {
                sku: product.sku,
                name: product.name,
                description: product.description,
                image_url: product.images.into_iter().next().unwrap_or_default(),
                kind: product.kind,
                package: product.package,
            },
        })
    }
}

impl From<catalog::Plan> for Plan {
    fn from(plan: catalog::Plan) -> Self {
        let catalog::Plan { id, name, interval, count, price, trial_days, .. } = plan;
        Self { id, name, interval, count, price: price.unwrap_or_default().amount, trial_days }
    }
}

impl Plan {
    /// What one costs now: nothing while its trial lasts (OR-7).
    const fn first_price(&self) -> i64 {
        if self.trial_days > 0 { 0 } else { self.price }
    }

    fn told(self, currency: Currency) -> catalog::Plan {
        let Self { id, name, interval, count, price, trial_days } = self;
        let price = Some(Money::new(price, currency).into());
        catalog::Plan { id, name, interval, count, price, trial_days, active: true }
    }
}

impl Offer {
    /// The plan with this id.
    fn plan(&self, id: PlanId) -> Option<&Plan> {
        let id = id.to_string();
        self.plans.iter().find(|plan| plan.id == id)
    }

    /// The least that it can be had for: once, or by a plan.
    #[must_use]
    pub fn from_price(&self) -> Option<Money> {
        let least = self.price.into_iter().chain(self.plans.iter().map(|plan| plan.price)).min();
        least.map(|amount| Money::new(amount, self.currency))
    }

    /// Passes when it can be had by this plan, or once without one.
    pub fn check_plan(&self, plan: Option<PlanId>) -> Result<(), Error> {
        match plan {
            Some(plan) => self.plan(plan).map(drop).ok_or(Error::PlanNotFound),
            None => self.price.map(drop).ok_or(Error::PlanNeeded),
        }
    }
}

/// The catalog's answer about some products, and what is taken off them.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    products: HashMap<ProductId, Offer>,
    /// By store: its offers, and the vouchers that were asked for.
    reductions: HashMap<StoreId, Arc<[Reduction]>>,
    /// By store: what it takes for shipping and as tax, if it ever said.
    tariffs: HashMap<StoreId, Arc<Tariff>>,
}

impl Offers {
    /// What the catalog has found.
    #[must_use]
    pub fn new(products: HashMap<ProductId, Offer>, reductions: HashMap<StoreId, Arc<[Reduction]>>) -> Self {
        Self { products, reductions, tariffs: HashMap::new() }
    }

    /// The same with what stores take for shipping and as tax.
    #[must_use]
    pub fn taxed(self, tariffs: HashMap<StoreId, Arc<Tariff>>) -> Self {
        Self { tariffs, ..self }
    }

    /// What `store` takes for shipping and as tax, if it ever said.
    #[must_use]
    pub fn tariff(&self, store: StoreId) -> Option<&Tariff> {
        self.tariffs.get(&store).map(|tariff| &**tariff)
    }

    /// What `store` takes off whatever else it may.
    #[must_use]
    pub fn reductions(&self, store: StoreId) -> &[Reduction] {
        self.reductions.get(&store).map_or(&[], |reductions| reductions)
    }

    /// Passes when the store of `cart` has a voucher with this `code` that is not over at `now`.
    pub fn check_code(&self, cart: &Cart, code: &Code, now: DateTime<Utc>) -> Result<(), Error> {
        let (store, _) = cart.shop.ok_or(Error::CodeUnknown)?;
        let voucher = self.reductions(store).iter().find(|reduction| reduction.code == code.as_str());
        let over = voucher.ok_or(Error::CodeUnknown)?.ends_at.is_some_and(|end| end <= now);
        if over { Err(Error::CodeExpired) } else { Ok(()) }
    }

    /// The offer of a product, also of one that cannot be bought.
    #[must_use]
    pub fn get(&self, product: ProductId) -> Option<&Offer> {
        self.products.get(&product)
    }

    /// The offer of a product that can be bought.
    pub fn buyable(&self, product: ProductId) -> Result<&Offer, Error> {
        self.products.get(&product).filter(|offer| offer.active).ok_or(Error::ProductNotFound)
    }

    /// Notes in the lines of `cart` how they are shown. What has left the catalog keeps its name.
    pub fn remember(&self, cart: &mut Cart) {
        let Some((store, currency)) = cart.shop else { return };
        for line in &mut cart.lines {
            let shown = self.shown(line, store, currency);
            match self.products.get(&line.product) {
                // A plan that is not sold any more keeps its terms, as a product that has left keeps its name.
                Some(_) => line.shown = Shown { plan: shown.plan.or_else(|| line.known_plan()), ..shown },
                None => line.shown.price = None,
            }
        }
    }

    /// How `line` is to be shown now.
    pub(crate) fn shown(&self, line: &Line, store: StoreId, currency: Currency) -> Shown {
        let Some(offer) = self.products.get(&line.product) else { return Shown::default() };
        let fits = offer.active && offer.store == store && offer.currency == currency;
        let plan = line.plan.and_then(|plan| offer.plan(plan)).cloned();
        let price = if line.plan.is_some() { plan.as_ref().map(Plan::first_price) } else { offer.price };
        Shown { label: offer.label.clone(), price: price.filter(|_| fits), plan, ..Shown::default() }
    }
}

impl Line {
    /// The terms that its plan was last known by.
    fn known_plan(&self) -> Option<Plan> {
        let id = self.plan?.to_string();
        self.shown.plan.clone().filter(|plan| plan.id == id)
    }

    /// The line at a price.
    pub(crate) fn priced(
        &self,
        Shown { label, price, plan, discount, taxed }: Shown,
        currency: Currency,
    ) -> Result<pb::Line, Error> {
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
            plan: plan.or_else(|| self.known_plan()).map(|plan| plan.told(currency)),
            package: label.package,
            discount,
            tax: taxed.tax,
            included_tax: taxed.included_tax,
            tax_rate: taxed.rate,
            tax_included: taxed.included,
            gift: self.gift.clone().map(Into::into),
        })
    }
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
