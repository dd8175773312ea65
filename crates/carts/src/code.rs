//! Codes of vouchers in carts (CA-5).
use std::{fmt, str::FromStr};

/// The most codes of a cart.
pub const MOST: usize = 5;

/// A code as vouchers are known by: 3 to 40 letters, digits, `-` and `_`, in capitals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(String);

/// A text that no voucher is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no voucher has such a code")]
pub struct NoCode;

impl Code {
    /// In capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = NoCode;

    fn from_str(text: &str) -> Result<Self, NoCode> {
        let code = text.trim().to_ascii_uppercase();
        let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if plain && (3..=40).contains(&code.len()) { Ok(Self(code)) } else { Err(NoCode) }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-5: however a code is typed, it is one.
    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(" spring-10 ".parse::<Code>().map(|code| code.to_string()), Ok("SPRING-10".to_owned()));
        for wrong in ["", "ab", "a b c", "spring%", "spr\u{131}ng", &"x".repeat(41)] {
            assert_eq!(wrong.parse::<Code>(), Err(NoCode), "{wrong}");
        }
    }
}
