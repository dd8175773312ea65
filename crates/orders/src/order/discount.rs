//! What was taken off an order, and why (CA-5). Frozen when the order was made.
use proto::orders::v1 as pb;
use serde::{Deserialize, Serialize};

/// Something that was taken off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// `off_…` or `vou_…`.
    pub promotion: String,
    /// As the customer read it.
    pub name: String,
    /// The code that brought it; empty of an offer.
    pub code: String,
    /// How much, in minor units of the order's currency.
    pub amount: i64,
}

impl From<Discount> for pb::AppliedDiscount {
    fn from(discount: Discount) -> Self {
        let Discount { promotion, name, code, amount } = discount;
        Self { promotion, name, code, amount }
    }
}
