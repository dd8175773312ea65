//! The tax rate of a line (CA-11). Frozen when its order was made.
use kit::money;

/// A rate, and whether prices hold it already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaxRate {
    /// Hundredths of a percent: 1 900 is 19 %.
    pub rate: u32,
    /// Whether prices are with tax.
    pub included: bool,
}

impl TaxRate {
    /// The tax on top of `amount`, and the tax inside it; one of them is nothing.
    #[must_use]
    pub fn on(self, amount: i64) -> (i64, i64) {
        money::tax(amount, self.rate, self.included)
    }
}
