//! A cart at the prices of a moment: those of now, or those it was bought at (CA-2, CA-5, CA-11).
use chrono::{DateTime, Utc};
use kit::money::Currency;
use proto::carts::v1 as pb;
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    cart::{Cart, Line, Status},
    offer::Offers,
    pricing::{self, Basket, Bill, Charge, Idle, Item, Reduction, Tax},
    tariff::{Method, Places, Tariff, tariff::Way},
};

/// A cart at its prices, in minor units.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Priced {
    /// The lines in their order; those that cannot be bought count nothing.
    pub lines: Vec<pb::Line>,
    /// Sum of the lines.
    pub subtotal: i64,
    /// What is taken off and why.
    pub discounts: Vec<pb::Discount>,
    /// The codes, and what becomes of them.
    pub codes: Vec<pb::EnteredCode>,
    /// How it is shipped.
    pub delivery: Option<pb::Shipping>,
    /// How it stands with that; empty of a cart that does not know yet where it buys.
    pub way: &'static str,
}

/// How a cart that was bought is shipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// `shpm_…`.
    pub method: String,
    /// What it was called.
    pub name: String,
    /// What it cost.
    pub price: i64,
    /// Tax on top of that.
    pub tax: i64,
    /// Tax in it.
    pub included_tax: i64,
    /// Rate of the tax.
    pub rate: u32,
}

/// What was taken off a cart that was bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bought {
    /// `off_…` or `vou_…`.
    pub promotion: String,
    /// As the customer read it.
    pub name: String,
    /// The code that brought it; empty of an offer.
    pub code: String,
    /// How much.
    pub amount: i64,
}

impl Priced {
    /// What `cart` comes to at `now` by `offers`, or came to when it was bought.
    pub fn of(cart: &Cart, offers: &Offers, now: DateTime<Utc>) -> Result<Self, Error> {
        Self::at(&Places::of(cart), cart, offers, now)
    }

    /// The same if it went to other `places` than it says.
    pub fn at(places: &Places, cart: &Cart, offers: &Offers, now: DateTime<Utc>) -> Result<Self, Error> {
        let Some((store, currency)) = cart.shop else { return Ok(Self::default()) };
        if cart.status == Status::Closed {
            return Self::bought(cart, currency);
        }
        let shown = cart.lines.iter().map(|line| line.priced(offers.shown(line, store, currency), currency));
        let mut lines = shown.collect::<Result<Vec<_>, _>>()?;
        let duty = Duty { tariff: offers.tariff(store), places };
        let tax = |line: &Line, shown: &pb::Line| {
            let class = offers.get(line.product).map_or("", |offer| &offer.tax_class);
            duty.tax(&shown.kind, class)
        };
        let sold = cart.lines.iter().zip(&lines).filter(|(_, shown)| shown.available);
        let items: Vec<Item> = sold.map(|(line, shown)| item(line, shown, tax(line, shown))).collect();
        let entered = |reduction: &&Reduction| {
            reduction.code.is_empty() || cart.codes.iter().any(|code| code.as_str() == reduction.code)
        };
        let reductions: Vec<&Reduction> = offers.reductions(store).iter().filter(entered).collect();
        let way = duty.way(cart, &lines, currency);
        let delivery = if let Way::Chosen(method) = way { duty.delivery(method) } else { None };
        let basket = Basket { items: &items, reductions: &reductions, delivery };
        let (bill, idle) = pricing::price(&basket, now)?;
        for line in &mut lines {
            let found = items.iter().zip(&bill.charges).find(|(_, charge)| charge.line.to_string() == line.id);
            if let Some((item, charge)) = found {
                charged(line, *charge, item.tax);
            }
        }
        let codes = cart.codes.iter().map(|code| state(code.as_str(), &bill, (&reductions, &idle))).collect();
        let delivery = if let Way::Chosen(method) = way { Some(shipped(method, &bill, delivery)) } else { None };
        let discounts = bill.discounts.into_iter().map(told).collect();
        Ok(Self { lines, subtotal: bill.subtotal, discounts, codes, delivery, way: way.slug() })
    }

    fn bought(cart: &Cart, currency: Currency) -> Result<Self, Error> {
        let lines = cart.lines.iter().map(|line| line.priced(line.shown.clone(), currency));
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        let subtotal = lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.subtotal));
        let discounts = cart.discounts.iter().cloned().map(pb::Discount::from).collect();
        let entered = |code: &str| pb::EnteredCode { code: code.to_owned(), idle: String::new() };
        let codes = cart.discounts.iter().filter(|bought| !bought.code.is_empty()).map(|bought| entered(&bought.code));
        let way = if cart.delivered.is_some() { "chosen" } else { Way::NotNeeded.slug() };
        Ok(Self {
            codes: codes.collect(),
            lines,
            subtotal: subtotal.ok_or(Error::TotalTooLarge)?,
            discounts,
            delivery: cart.delivered.clone().map(Into::into),
            way,
        })
    }

    /// Shipping.
    #[must_use]
    pub fn shipping(&self) -> i64 {
        self.delivery.as_ref().map_or(0, |delivery| delivery.price)
    }

    /// Tax on top of prices.
    #[must_use]
    pub fn tax(&self) -> i64 {
        self.lines.iter().map(|line| line.tax).chain(self.delivery.iter().map(|delivery| delivery.tax)).sum()
    }

    /// Tax inside prices.
    #[must_use]
    pub fn included_tax(&self) -> i64 {
        let delivery = self.delivery.iter().map(|delivery| delivery.included_tax);
        self.lines.iter().map(|line| line.included_tax).chain(delivery).sum()
    }

    /// What is to be paid. That it can be counted was seen to when it was priced.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.subtotal - self.discount() + self.shipping() + self.tax()
    }

    /// Taken off in all.
    #[must_use]
    pub fn discount(&self) -> i64 {
        self.discounts.iter().map(|discount| discount.amount).sum()
    }
}

/// What of a cart depends on where it goes.
struct Duty<'a> {
    tariff: Option<&'a Tariff>,
    places: &'a Places,
}

impl<'a> Duty<'a> {
    /// The tax on a product of this kind and class.
    fn tax(&self, kind: &str, class: &str) -> Tax {
        let Some(tariff) = self.tariff else { return Tax::default() };
        let places = self.places;
        let place = if kind == "digital" { places.buyer(&tariff.home) } else { places.goods(&tariff.home) };
        tariff.tax(&place, class)
    }

    /// How `cart` is shipped: digital products are not.
    fn way(&self, cart: &Cart, lines: &[pb::Line], currency: Currency) -> Way<'a> {
        let goods = lines.iter().any(|line| line.available && line.kind != "digital");
        match self.tariff {
            Some(tariff) if goods => tariff.way(cart.method, &self.places.goods(&tariff.home), currency),
            _ => Way::NotNeeded,
        }
    }

    fn delivery(&self, method: &Method) -> Option<pricing::Delivery> {
        let tariff = self.tariff?;
        Some(tariff.delivery(method, &self.places.goods(&tariff.home)))
    }
}

fn item(line: &Line, shown: &pb::Line, tax: Tax) -> Item {
    let pieces = line.quantity.pieces();
    Item { line: line.id, product: line.product, price: shown.price, pieces, tax }
}

/// Notes in `line` what it comes to.
fn charged(line: &mut pb::Line, charge: Charge, Tax { rate, included }: Tax) {
    line.discount = charge.discount;
    (line.tax, line.included_tax) = (charge.tax, charge.included_tax);
    (line.tax_rate, line.tax_included) = (rate, included);
}

/// How it is shipped by `method`, as `bill` says.
fn shipped(method: &Method, bill: &Bill, delivery: Option<pricing::Delivery>) -> pb::Shipping {
    let (tax, included_tax) = bill.shipping_tax;
    pb::Shipping {
        method: method.id.into(),
        name: method.name.clone(),
        price: bill.shipping,
        tax,
        included_tax,
        tax_rate: delivery.map_or(0, |delivery| delivery.tax.rate),
        free_from: method.free_from,
    }
}

/// What becomes of a `code` that was entered.
fn state(code: &str, bill: &Bill, (reductions, idle): (&[&Reduction], &[(usize, Idle)])) -> pb::EnteredCode {
    let used = bill.discounts.iter().any(|discount| discount.code == code);
    let why = idle.iter().find(|(place, _)| reductions[*place].code == code).map(|(_, why)| why.slug());
    let idle = if used { "" } else { why.unwrap_or("unknown") };
    pb::EnteredCode { code: code.to_owned(), idle: idle.to_owned() }
}

fn told(discount: pricing::Discount) -> pb::Discount {
    pb::Discount {
        promotion: discount.source,
        name: discount.name,
        code: discount.code,
        amount: discount.amount,
        max_uses: discount.limits.uses,
        max_uses_per_customer: discount.limits.uses_per_customer,
    }
}

impl From<Bought> for pb::Discount {
    fn from(bought: Bought) -> Self {
        let Bought { promotion, name, code, amount } = bought;
        Self { promotion, name, code, amount, ..Self::default() }
    }
}

impl From<Delivered> for pb::Shipping {
    fn from(delivered: Delivered) -> Self {
        let Delivered { method, name, price, tax, included_tax, rate } = delivered;
        Self { method, name, price, tax, included_tax, tax_rate: rate, free_from: None }
    }
}
