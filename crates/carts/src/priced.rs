//! A cart at the prices of a moment: those of now, or those it was bought at (CA-2, CA-5, CA-11).
use chrono::{DateTime, Utc};
use kit::money::Currency;
use proto::carts::v1 as pb;
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    cart::{Cart, Status},
    offer::Offers,
    pricing::{self, Basket, Bill, Idle, Item, Reduction, Tax},
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
        let Some((store, currency)) = cart.shop else { return Ok(Self::default()) };
        if cart.status == Status::Closed {
            return Self::bought(cart, currency);
        }
        let shown = cart.lines.iter().map(|line| line.priced(offers.shown(line, store, currency), currency));
        let mut lines = shown.collect::<Result<Vec<_>, _>>()?;
        let items: Vec<Item> = cart.lines.iter().zip(&lines).filter(|(_, shown)| shown.available).map(item).collect();
        let entered = |reduction: &&Reduction| {
            reduction.code.is_empty() || cart.codes.iter().any(|code| code.as_str() == reduction.code)
        };
        let reductions: Vec<&Reduction> = offers.reductions(store).iter().filter(entered).collect();
        let basket = Basket { items: &items, reductions: &reductions, delivery: None };
        let (bill, idle) = pricing::price(&basket, now)?;
        for line in &mut lines {
            let charge = bill.charges.iter().find(|charge| charge.line.to_string() == line.id);
            line.discount = charge.map_or(0, |charge| charge.discount);
        }
        let codes = cart.codes.iter().map(|code| state(code.as_str(), &bill, (&reductions, &idle))).collect();
        let discounts = bill.discounts.into_iter().map(told).collect();
        Ok(Self { lines, subtotal: bill.subtotal, discounts, codes })
    }

    fn bought(cart: &Cart, currency: Currency) -> Result<Self, Error> {
        let lines = cart.lines.iter().map(|line| line.priced(line.shown.clone(), currency));
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        let subtotal = lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.subtotal));
        let discounts = cart.discounts.iter().cloned().map(pb::Discount::from).collect();
        let entered = |code: &str| pb::EnteredCode { code: code.to_owned(), idle: String::new() };
        let codes = cart.discounts.iter().filter(|bought| !bought.code.is_empty()).map(|bought| entered(&bought.code));
        Ok(Self { codes: codes.collect(), lines, subtotal: subtotal.ok_or(Error::TotalTooLarge)?, discounts })
    }

    /// Taken off in all.
    #[must_use]
    pub fn discount(&self) -> i64 {
        self.discounts.iter().map(|discount| discount.amount).sum()
    }
}

fn item((line, shown): (&crate::cart::Line, &pb::Line)) -> Item {
    let pieces = line.quantity.pieces();
    Item { line: line.id, product: line.product, price: shown.price, pieces, tax: Tax::default() }
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
