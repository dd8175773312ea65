//! What may be named as a way to pay by `stripe`: never a card.

/// The method that sends the shopper to a page of Stripe's own.
pub const HOSTED: &str = "hosted";

/// Whether `method` is Stripe's own page, or the name of a payment method that Stripe.js has made (`pm_…`). Numbers of
/// cards are refused in any disguise: card data never reaches the house (OR-3).
#[must_use]
pub fn is_method(method: &str) -> bool {
    let name = method.strip_prefix("pm_").unwrap_or_default();
    let is_name =
        (4..=100).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    method == HOSTED || (is_name && !holds_card_number(name))
}

/// Whether somewhere in `text` there is a number that may be a card's: 13 to 19 digits in a row, but for spaces and
/// dashes, that pass the check of such numbers.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    let mut digits: Vec<u32> = Vec::new();
    for c in text.chars().chain(['.']) {
        match c.to_digit(10) {
            Some(digit) => digits.push(digit),
            None if matches!(c, ' ' | '-' | '_') => {}
            None => {
                if is_card_number(&digits) {
                    return true;
                }
                digits.clear();
            }
        }
    }
    false
}

fn is_card_number(digits: &[u32]) -> bool {
    let sum = |digits: &[u32]| -> u32 {
        let one = |(i, digit): (usize, &u32)| match (i % 2, digit * 2) {
            (0, _) => *digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        };
        digits.iter().rev().enumerate().map(one).sum()
    };
    (13..=19).contains(&digits.len()) && sum(digits).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-3: card data never reaches the house, in whatever disguise.
    #[test]
    fn cards_are_no_methods() {
        for good in ["hosted", "pm_1PQrStUvWxYz", "pm_card_visa", "pm_1N2k3L4m5N6o7P8q9R0s1T2u"] {
            assert!(is_method(good), "{good}");
        }
        for bad in ["", "4242424242424242", "4242 4242 4242 4242", "pm_4242424242424242", "pm_4242_4242-4242_4242"] {
            assert!(!is_method(bad), "{bad}");
        }
        for bad in ["pm_", "pm_x", "tok_visa", "card_1abc", "pm_a b c d", "pm_test/../x"] {
            assert!(!is_method(bad), "{bad}");
        }
    }

    /// OR-3: numbers are told from numbers of cards by their check digit.
    #[test]
    fn numbers_of_cards_are_recognised() {
        for number in ["4242424242424242", "5555 5555 5555 4444", "378282246310005", "card 6011-1111-1111-1117!"] {
            assert!(holds_card_number(number), "{number}");
        }
        for other in ["4242424242424241", "1234", "2026-11-23 08:55", "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d43"] {
            assert!(!holds_card_number(other), "{other}");
        }
    }
}
