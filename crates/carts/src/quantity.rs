//! How many of a product.
use kit::failure::Violation;

use crate::Error;

/// 1 to 9 999 pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(u32);

impl Quantity {
    /// The most of one product in a cart.
    pub const MOST: u32 = 9_999;

    /// Reads a quantity; nought is none.
    pub fn parse(pieces: u32) -> Result<Option<Self>, Violation> {
        match pieces {
            0 => Ok(None),
            1..=Self::MOST => Ok(Some(Self(pieces))),
            _ => Err(Violation::new("/quantity", "out_of_range", "quantity must be at most 9999")),
        }
    }

    /// A single piece.
    pub const ONE: Self = Self(1);

    /// The number of pieces.
    #[must_use]
    pub const fn pieces(self) -> u32 {
        self.0
    }

    /// Both together, unless that is too many.
    pub fn plus(self, more: Self) -> Result<Self, Error> {
        Some(self.0 + more.0).filter(|sum| *sum <= Self::MOST).map(Self).ok_or(Error::TooMany)
    }
}

impl TryFrom<i32> for Quantity {
    type Error = Error;

    fn try_from(stored: i32) -> Result<Self, Error> {
        let pieces = u32::try_from(stored).ok().and_then(|pieces| Self::parse(pieces).ok().flatten());
        pieces.ok_or_else(|| kit::Error::Internal(format!("a stored quantity is {stored}")).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_to_9999() {
        assert_eq!(Quantity::parse(0), Ok(None));
        assert_eq!(Quantity::parse(1), Ok(Some(Quantity::ONE)));
        assert_eq!(Quantity::parse(9_999).unwrap().unwrap().pieces(), 9_999);
        assert_eq!(Quantity::parse(10_000).unwrap_err().code, "out_of_range");
    }

    #[test]
    fn sums_stop_at_the_same_limit() {
        let most = Quantity::parse(9_998).unwrap().unwrap().plus(Quantity::ONE).unwrap();
        assert_eq!(most.pieces(), 9_999);
        assert!(matches!(most.plus(Quantity::ONE), Err(Error::TooMany)));
    }
}
