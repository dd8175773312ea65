//! What there is to pay, and why.
use kit::ids::LineId;

use super::Limits;

/// Everything that a basket comes to, in minor units. `total = subtotal - discount + shipping + tax`, and each of these
/// is the sum of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// The lines, as they were given.
    pub charges: Vec<Charge>,
    /// What was taken off and why, in the order in which it was.
    pub discounts: Vec<Discount>,
    /// Prices times quantities.
    pub subtotal: i64,
    /// Taken off.
    pub discount: i64,
    /// Delivery.
    pub shipping: i64,
    /// Tax on top of delivery, and tax inside it.
    pub shipping_tax: (i64, i64),
    /// Tax that comes on top of prices.
    pub tax: i64,
    /// Tax that prices already hold; no part of the sum.
    pub included_tax: i64,
    /// What is to be paid.
    pub total: i64,
}

/// What a line comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Which line.
    pub line: LineId,
    /// Price times quantity.
    pub subtotal: i64,
    /// Its share of all discounts, at most the subtotal.
    pub discount: i64,
    /// Tax on top.
    pub tax: i64,
    /// Tax inside.
    pub included_tax: i64,
}

impl Charge {
    /// What the customer pays for the line.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.subtotal - self.discount + self.tax
    }

    /// What is left of the price after discounts.
    #[must_use]
    pub const fn remainder(&self) -> i64 {
        self.subtotal - self.discount
    }
}

/// Something that was taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discount {
    /// The offer's or voucher's id.
    pub source: String,
    /// Its name, as the customer reads it.
    pub name: String,
    /// The code that brought it; empty of an offer that comes by itself.
    pub code: String,
    /// How much, more than nothing.
    pub amount: i64,
    /// How often it may be used.
    pub limits: Limits,
}
