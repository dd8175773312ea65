//! Amounts as people type them: "19.99", "19,99" or "1999" of a currency without minor units.
use kit::money::{Currency, Money};
use proto::base::v1 as pb;

/// The amount that `text` says, if it is one; nothing when nothing was typed.
pub fn read(text: &str, currency: Currency) -> Option<pb::Money> {
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return None;
    }
    let amount = minor(&text, digits(currency)).unwrap_or(-1); // which the catalog refuses, with a sentence
    Some(Money::new(amount, currency).into())
}

/// An amount as it can be typed again.
pub fn written(amount: i64, currency: Currency) -> String {
    let digits = digits(currency);
    let unit = 10_i64.pow(digits);
    if digits == 0 {
        return amount.to_string();
    }
    format!("{}.{:0width$}", amount / unit, amount % unit, width = digits as usize)
}

fn digits(currency: Currency) -> u32 {
    currency.exponent().map_or(0, u32::from)
}

fn minor(text: &str, digits: u32) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let places = u32::try_from(part.len()).ok()?;
    if whole.is_empty() || !is_number(whole) || !is_number(part) || places > digits {
        return None;
    }
    let part: i64 = if part.is_empty() { 0 } else { part.parse().ok()? };
    whole.parse::<i64>().ok()?.checked_mul(10_i64.pow(digits))?.checked_add(part * 10_i64.pow(digits - places))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-11: what is typed is read in the currency's own units, and never rounded.
    #[test]
    fn amounts_are_read_as_they_are_typed() {
        for (text, currency, expected) in [
            ("19.99", Currency::EUR, Some(1_999)),
            (" 19,9 ", Currency::EUR, Some(1_990)),
            ("19", Currency::EUR, Some(1_900)),
            ("1999", Currency::JPY, Some(1_999)),
            ("1.234", Currency::KWD, Some(1_234)),
            ("", Currency::EUR, None),
            ("19.999", Currency::EUR, Some(-1)),
            ("19.9", Currency::JPY, Some(-1)),
            ("-1", Currency::EUR, Some(-1)),
            (".5", Currency::EUR, Some(-1)),
            ("99999999999999999999", Currency::EUR, Some(-1)),
        ] {
            assert_eq!(read(text, currency).map(|money| money.amount), expected, "{text}");
        }
        for (amount, currency, expected) in [
            (1_999, Currency::EUR, "19.99"),
            (5, Currency::EUR, "0.05"),
            (7, Currency::JPY, "7"),
            (1_005, Currency::KWD, "1.005"),
        ] {
            assert_eq!(written(amount, currency), expected);
            assert_eq!(read(expected, currency).map(|money| money.amount), Some(amount));
        }
    }
}
