//! Amounts as Stripe writes them: in minor units as we do, but for a few currencies whose minor unit is another there.
use kit::money::{Currency, Money};

/// How many digits stand behind the point of `currency` at Stripe.
fn exponent(currency: Currency) -> u32 {
    match currency {
        // Have lost their minor unit, which Stripe goes on writing.
        Currency::ISK | Currency::UGX => 2,
        // Has a minor unit that Stripe does not write.
        Currency::MGA => 0,
        other => other.exponent().unwrap_or(0).into(),
    }
}

/// By how much one of our minor units is multiplied, and then divided, to be one of Stripe's.
fn ratio(currency: Currency) -> (i64, i64) {
    let (ours, theirs) = (currency.exponent().unwrap_or(0).into(), exponent(currency));
    (10_i64.pow(theirs.saturating_sub(ours)), 10_i64.pow(ours.saturating_sub(theirs)))
}

/// `money` as Stripe writes it; none when it cannot.
#[must_use]
pub fn at_stripe(money: Money) -> Option<i64> {
    let (times, by) = ratio(money.currency);
    (money.amount % by == 0).then(|| (money.amount / by).checked_mul(times)).flatten()
}

/// An amount of `currency` that Stripe has written, as we do. A part of a minor unit is not counted.
#[must_use]
pub fn here(amount: i64, currency: Currency) -> i64 {
    let (times, by) = ratio(currency);
    (amount / times).saturating_mul(by)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-3: Stripe takes as much as is due, in every currency; what it cannot write it is not asked for.
    #[test]
    fn as_much_as_is_due() {
        for (code, ours, theirs) in [
            ("EUR", 1_999, Some(1_999)),
            ("JPY", 1_999, Some(1_999)),
            ("KWD", 5_120, Some(5_120)),
            ("ISK", 500, Some(50_000)),
            ("UGX", 500, Some(50_000)),
            ("MGA", 50_000, Some(500)),
            ("MGA", 50_050, None),
            ("ISK", i64::MAX, None),
        ] {
            let money = Money::new(ours, Currency::from_code(code).expect("a currency"));
            assert_eq!(at_stripe(money), theirs, "{code}");
            if let Some(theirs) = theirs {
                assert_eq!(here(theirs, money.currency), ours, "{code}");
            }
        }
        assert_eq!(here(50_050, Currency::ISK), 500);
    }
}
