//! Phone numbers in E.164.
use std::fmt;

/// A number in E.164, such as `+4930123456`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phone(String);

/// Not a phone number.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is not a phone number; write it with its country code, such as +49 30 123456")]
pub struct InvalidPhone;

impl Phone {
    /// Reads a number. `country` (ISO 3166-1 alpha-2) is where one without a country code is taken to be from.
    pub fn parse(text: &str, country: Option<&str>) -> Result<Self, InvalidPhone> {
        if text.len() > 40 {
            return Err(InvalidPhone);
        }
        let country = country.and_then(|code| code.parse().ok());
        let number = phonenumber::parse(country, text.trim()).map_err(|_| InvalidPhone)?;
        if !phonenumber::is_viable(text.trim()) {
            return Err(InvalidPhone);
        }
        Ok(Self(number.format().mode(phonenumber::Mode::E164).to_string()))
    }

    /// The number in E.164.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CU-9: numbers are kept in E.164, whatever they look like.
    #[test]
    fn numbers_become_e164() {
        for (text, country, expected) in [
            ("+49 30 901820", None, "+4930901820"),
            ("030 901820", Some("DE"), "+4930901820"),
            ("(415) 555-2671", Some("US"), "+14155552671"),
            ("+33 1 42 68 53 00", Some("DE"), "+33142685300"),
        ] {
            assert_eq!(Phone::parse(text, country).map(|phone| phone.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let long = "1".repeat(41);
        for text in ["", "call me", "12", "030 901820", "+", &long, "🙂🙂🙂🙂🙂🙂"] {
            assert_eq!(Phone::parse(text, None), Err(InvalidPhone), "{text}");
        }
    }
}
