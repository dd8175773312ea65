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
