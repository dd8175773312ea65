//! Offers that come by themselves and vouchers that come by code: when they count, and how much they take off (CA-5).
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kit::{ids::ProductId, money::proportion};

use super::price::Item;

/// An offer or a voucher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// Id, `off_…` or `vou_…`.
    pub source: String,
    /// As the customer reads it.
    pub name: String,
    /// The code that brings it; empty of an offer.
    pub code: String,
    /// Offers are applied in this order, then vouchers.
    pub position: i32,
    /// How much.
    pub cut: Cut,
    /// What it is for; everything when empty.
    pub products: BTreeSet<ProductId>,
    /// Pieces of these products that it takes at least.
    pub min_pieces: u32,
    /// What these products have to cost at least before anything is taken off.
    pub min_amount: i64,
    /// Whether it counts only where nothing else does.
    pub alone: bool,
    /// From when on it counts.
    pub starts_at: Option<DateTime<Utc>>,
    /// From when on it counts no longer.
    pub ends_at: Option<DateTime<Utc>>,
    /// How often it may be used; whoever takes orders counts.
    pub limits: Limits,
}

/// How many orders a voucher is good for; 0 for any number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Limits {
    pub uses: u32,
    pub uses_per_customer: u32,
}

/// How much is taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Hundredths of a percent, 1 to 10 000.
    Percent(u16),
    /// Minor units of the cart's currency.
    Amount(i64),
}

impl Cut {
    /// What it takes off `rest`, never more than that.
    #[must_use]
    pub fn of(self, rest: i64) -> i64 {
        match self {
            Self::Percent(hundredths) => proportion(rest, i64::from(hundredths), 10_000).min(rest),
            Self::Amount(amount) => amount.clamp(0, rest),
        }
    }
}

/// Why something takes nothing off now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Its time has not come.
    TooEarly,
    /// Its time is over.
    Over,
    /// Nothing in the cart that it is for.
    NoProduct,
    /// Too few pieces.
    TooFew,
    /// Costs too little.
    TooLittle,
    /// It does not go with what else is taken off.
    Alone,
    /// Everything is free already.
    NothingLeft,
}

impl Idle {
    /// As the API writes it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::TooEarly => "not_yet_valid",
            Self::Over => "expired",
            Self::NoProduct => "no_matching_product",
            Self::TooFew => "quantity_not_reached",
            Self::TooLittle => "minimum_not_reached",
            Self::Alone => "not_combinable",
            Self::NothingLeft => "nothing_left",
        }
    }
}

impl Reduction {
    /// Whether it is for `item`.
    #[must_use]
    pub fn is_for(&self, item: &Item) -> bool {
        self.products.is_empty() || self.products.contains(&item.product)
    }

    /// Passes when its conditions hold at `now`: its time, and what `items` are and cost before anything is taken off.
    pub fn check(&self, items: &[Item], now: DateTime<Utc>) -> Result<(), Idle> {
        if self.starts_at.is_some_and(|start| now < start) {
            return Err(Idle::TooEarly);
        }
        if self.ends_at.is_some_and(|end| now >= end) {
            return Err(Idle::Over);
        }
        let fitting = || items.iter().filter(|item| self.is_for(item));
        if fitting().next().is_none() {
            return Err(Idle::NoProduct);
        }
        if fitting().map(|item| u64::from(item.pieces)).sum::<u64>() < u64::from(self.min_pieces) {
            return Err(Idle::TooFew);
        }
        let cost: i128 = fitting().map(|item| i128::from(item.price) * i128::from(item.pieces)).sum();
        if cost < i128::from(self.min_amount) { Err(Idle::TooLittle) } else { Ok(()) }
    }
}
