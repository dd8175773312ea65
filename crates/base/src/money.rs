//! Money: integer minor units of an ISO 4217 currency (CA-11).
use std::fmt;

pub use iso_currency::Currency;
use proto::base::v1 as pb;

/// An amount of one currency, in its minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// Minor units: 1999 is 19.99 EUR, 1999 JPY is 1999 yen.
    pub amount: i64,
    /// What of.
    pub currency: Currency,
}

/// Why an amount cannot be worked with.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum MoneyError {
    /// No such ISO 4217 code.
    #[error("the currency must be an ISO 4217 code in capitals")]
    UnknownCurrency,
    /// Beyond 64 bits.
    #[error("the amount is too large")]
    TooLarge,
    /// Two currencies in one sum.
    #[error("amounts of two currencies cannot be added")]
    MixedCurrencies,
}

impl Money {
    /// `amount` minor units of `currency`.
    #[must_use]
    pub const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// The sum, unless the currencies differ or it does not fit.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies);
        }
        let amount = self.amount.checked_add(other.amount).ok_or(MoneyError::TooLarge)?;
        Ok(Self { amount, ..self })
    }

    /// `quantity` times this.
    pub fn times(self, quantity: u32) -> Result<Self, MoneyError> {
        let amount = self.amount.checked_mul(i64::from(quantity)).ok_or(MoneyError::TooLarge)?;
        Ok(Self { amount, ..self })
    }

    /// Reads what protobuf carries.
    pub fn parse(money: &pb::Money) -> Result<Self, MoneyError> {
        Ok(Self { amount: money.amount, currency: currency(&money.currency)? })
    }
}

/// The currency of an ISO 4217 code in capitals.
pub fn currency(code: &str) -> Result<Currency, MoneyError> {
    Currency::from_code(code).ok_or(MoneyError::UnknownCurrency)
}

/// Shares `total` out in proportion to `weights` by largest remainder: the shares always add up to `total` (CA-11).
/// Without any weight everything goes to the first.
#[must_use]
pub fn share(total: i64, weights: &[u32]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        return weights.iter().enumerate().map(|(i, _)| if i == 0 { total } else { 0 }).collect();
    }
    let exact = |weight: &u32| i128::from(total) * i128::from(*weight);
    let mut shares: Vec<i64> =
        weights.iter().map(|weight| i64::try_from(exact(weight).div_euclid(sum)).unwrap_or(0)).collect();
    let mut left = total - shares.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(exact(&weights[i]).rem_euclid(sum)));
    for i in order {
        if left == 0 {
            break;
        }
        shares[i] += 1;
        left -= 1;
    }
    shares
}

impl From<Money> for pb::Money {
    fn from(money: Money) -> Self {
        Self { amount: money.amount, currency: money.currency.code().to_owned() }
    }
}

impl fmt::Display for Money {
    /// As people read it, such as `19.99 EUR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent().unwrap_or(0);
        let unit = 10_u64.pow(u32::from(exponent));
        let (sign, size) = (if self.amount < 0 { "-" } else { "" }, self.amount.unsigned_abs());
        let code = self.currency.code();
        if exponent == 0 {
            return write!(f, "{sign}{size} {code}");
        }
        write!(f, "{sign}{}.{:0width$} {code}", size / unit, size % unit, width = usize::from(exponent))
    }
}
