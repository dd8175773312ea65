//! How single fields of products are read, with a violation for what is wrong. Pure.
use std::borrow::Cow;

use kit::{
    failure::Violation,
    money::{Currency, Money},
};

use crate::Error;

/// Highest price, in minor units: far above any real one, and far enough below 64 bits for sums of many.
pub const DEAREST: i64 = 1_000_000_000_000;

/// What is wrong with a text of `least` to `most` characters without control characters.
pub fn text(pointer: impl Into<Cow<'static, str>>, text: &str, least: usize, most: usize) -> Option<Violation> {
    let length = text.chars().count();
    if length < least {
        Some(Violation::new(pointer, "required", "this must not be empty"))
    } else if length > most {
        Some(Violation::new(pointer, "too_long", format!("at most {most} characters")))
    } else if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        Some(Violation::new(pointer, "malformed", "no control characters"))
    } else {
        None
    }
}

/// The price at `pointer`, which must be in the currency the store sells in.
pub fn price(
    pointer: &str,
    price: &proto::base::v1::Money,
    currency: Currency,
    faults: &mut Vec<Violation>,
) -> Result<Money, Error> {
    match Money::parse(price) {
        Ok(price) if price.currency != currency => return Err(Error::WrongCurrency(currency.code().to_owned())),
        Ok(price) if (0..=DEAREST).contains(&price.amount) => return Ok(price),
        Ok(_) => {
            let detail = "a price is not negative, and at most 1000000000000 minor units";
            faults.push(Violation::new(format!("{pointer}/amount"), "out_of_range", detail));
        }
        Err(error) => faults.push(Violation::new(format!("{pointer}/currency"), "unknown", error.to_string())),
    }
    Ok(Money::new(0, currency))
}

/// The `id` that a member at `at` of a list was given, if any: one of the `known` ones that was not `used` before it.
pub fn known<'a>(
    at: &str,
    id: &'a str,
    mut known: impl Iterator<Item = &'a str>,
    mut used: impl Iterator<Item = &'a str>,
) -> Result<Option<&'a str>, Violation> {
    if id.is_empty() {
        Ok(None)
    } else if used.any(|other| other == id) {
        Err(Violation::new(format!("{at}/id"), "repeated", "name each once"))
    } else if known.any(|other| other == id) {
        Ok(Some(id))
    } else {
        Err(Violation::new(format!("{at}/id"), "not_there", "leave the id out to add one"))
    }
}
