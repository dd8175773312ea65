//! A line for somebody else. Pure.
use kit::ids::CustomerId;
use proto::carts::v1 as carts;

/// Longest name that is told.
const LONGEST: usize = 40;

/// Who has a line, and what they are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gift {
    /// Who they are; known once it is bought.
    pub recipient: Option<CustomerId>,
    /// E-mail address, as whoever bought it typed it; empty once either was erased.
    pub email: String,
    /// Full name; may be empty.
    pub name: String,
    /// What they are told with it; may be empty.
    pub message: String,
}

impl From<carts::Gift> for Gift {
    fn from(carts::Gift { email, name, message }: carts::Gift) -> Self {
        Self { recipient: None, email, name, message }
    }
}

impl From<Gift> for carts::Gift {
    fn from(Gift { email, name, message, .. }: Gift) -> Self {
        Self { email, name, message }
    }
}

/// What whoever has a gift is told of who bought it: the first word of their name, if that reads like one. Anybody may call
/// themselves anything when they buy, an address among it.
#[must_use]
pub fn first_name(name: &str) -> String {
    let first = name.split_whitespace().next().unwrap_or_default();
    let is_name = first.chars().all(|sign| sign.is_alphabetic() || matches!(sign, '-' | '\'' | '’'));
    if is_name && first.chars().count() <= LONGEST { first.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-1: whoever has a gift learns the first name of its giver, and nothing that opens anything.
    #[test]
    fn a_first_name_is_all_that_is_told() {
        for (name, told) in [
            ("Ann Secret", "Ann"),
            (" Jean-Luc d'Arc", "Jean-Luc"),
            ("שרה כהן", "שרה"),
            ("evil.example/win", ""),
            ("ann@example.com", ""),
            ("<b>Ann</b>", ""),
            ("", ""),
        ] {
            assert_eq!(first_name(name), told);
        }
        assert_eq!(first_name(&"a".repeat(41)), "");
    }
}
