//! Money.
use proto::base::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An amount of one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 1999, "currency": "EUR"}))]
pub struct Money {
    /// Minor units: 1999 is 19.99 EUR, 1999 JPY is 1999 yen.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
}

impl From<pb::Money> for Money {
    fn from(money: pb::Money) -> Self {
        Self { amount: money.amount, currency: money.currency }
    }
}

impl From<Money> for pb::Money {
    fn from(money: Money) -> Self {
        Self { amount: money.amount, currency: money.currency }
    }
}
