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

    /// How many digits stand behind the point.
    #[must_use]
    pub fn exponent(self) -> u16 {
        self.currency.exponent().unwrap_or(0)
    }

    /// The amount alone, such as `19.99`.
    #[must_use]
    pub fn decimal(self) -> String {
        let width = usize::from(self.exponent());
        let unit = 10_u64.pow(u32::from(self.exponent()));
        let (sign, size) = (if self.amount < 0 { "-" } else { "" }, self.amount.unsigned_abs());
        if width == 0 { format!("{sign}{size}") } else { format!("{sign}{}.{:0width$}", size / unit, size % unit) }
    }
}

/// The currency of an ISO 4217 code in capitals.
pub fn currency(code: &str) -> Result<Currency, MoneyError> {
    Currency::from_code(code).ok_or(MoneyError::UnknownCurrency)
}

/// Shares `total` out in proportion to `weights`, none of them negative, by largest remainder: the shares always add up
/// to `total` (CA-11). Of equal remainders the first comes first; without any weight everything goes to the first.
#[must_use]
pub fn share(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        return weights.iter().enumerate().map(|(i, _)| if i == 0 { total } else { 0 }).collect();
    }
    let exact = |weight: &i64| i128::from(total) * i128::from(*weight);
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

/// `amount` times `parts` of `whole`, none of them negative, rounded once: halves go up (CA-11).
#[must_use]
pub fn proportion(amount: i64, parts: i64, whole: i64) -> i64 {
    let (amount, parts, whole) = (i128::from(amount), i128::from(parts), i128::from(whole.max(1)));
    i64::try_from((2 * amount * parts + whole) / (2 * whole)).unwrap_or(i64::MAX)
}

/// The tax on top of `amount` and the tax inside it, one of which is nothing: `rate` is in hundredths of a percent, and
/// prices are with tax when it is `included` (CA-11).
#[must_use]
pub fn tax(amount: i64, rate: u32, included: bool) -> (i64, i64) {
    let rate = i64::from(rate);
    if included { (0, proportion(amount, rate, 10_000 + rate)) } else { (proportion(amount, rate, 10_000), 0) }
}

impl From<Money> for pb::Money {
    fn from(money: Money) -> Self {
        Self { amount: money.amount, currency: money.currency.code().to_owned() }
    }
}

impl fmt::Display for Money {
    /// As people read it, such as `19.99 EUR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency.code())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// CA-11: shares always add up to the total, and no share is further than one unit from its exact part.
        #[test]
        fn shares_add_up(total in 0_i64..1_000_000_000, weights in prop::collection::vec(0_i64..10_000, 1..40)) {
            let shares = share(total, &weights);
            prop_assert_eq!(shares.iter().sum::<i64>(), total);
            let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
            for (share, weight) in shares.iter().zip(&weights).filter(|_| sum > 0) {
                let exact = i128::from(total) * i128::from(*weight);
                prop_assert!((i128::from(*share) * sum - exact).abs() < sum);
            }
        }

        /// CA-11: what does not fit is an error, never another number.
        #[test]
        fn arithmetic_never_wraps(a in any::<i64>(), b in any::<i64>(), quantity in any::<u32>()) {
            let (x, y) = (Money::new(a, Currency::EUR), Money::new(b, Currency::EUR));
            prop_assert_eq!(x.plus(y).ok().map(|m| m.amount), a.checked_add(b));
            prop_assert_eq!(x.times(quantity).ok().map(|m| m.amount), a.checked_mul(i64::from(quantity)));
        }
    }

    /// CA-11: the currency says how many digits are behind the point.
    #[test]
    fn amounts_read_as_people_write_them() {
        for (amount, code, expected) in [
            (1999, "EUR", "19.99 EUR"),
            (-5, "EUR", "-0.05 EUR"),
            (1999, "JPY", "1999 JPY"),
            (1999, "KWD", "1.999 KWD"),
            (0, "USD", "0.00 USD"),
        ] {
            let money = Money::new(amount, currency(code).expect("a code"));
            assert_eq!(money.to_string(), expected);
        }
    }

    #[test]
    fn two_currencies_are_not_added() {
        let sum = Money::new(1, Currency::EUR).plus(Money::new(1, Currency::USD));
        assert_eq!(sum, Err(MoneyError::MixedCurrencies));
        assert_eq!(currency("eur"), Err(MoneyError::UnknownCurrency));
        assert_eq!(currency("XXXX"), Err(MoneyError::UnknownCurrency));
    }
}
