//! What somebody can be known by: an e-mail address or a phone number.
use kit::{email::Email, failure::Violation, phone::Phone};

use crate::input;

/// An e-mail address or a phone number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// An e-mail address.
    Email(Email),
    /// A phone number.
    Phone(Phone),
}

impl Identity {
    /// Reads what has an `@` as an e-mail address, and anything else as a phone number of `country` unless it names
    /// its own.
    pub fn parse(pointer: &'static str, text: &str, country: &str) -> Result<Self, Violation> {
        if text.trim().is_empty() {
            return Err(input::required(pointer));
        }
        if text.contains('@') {
            return input::email(pointer, text).map(Self::Email);
        }
        phone(pointer, text, country).map(Self::Phone)
    }

    /// The same, for the `mode` it is to be proven by: `email` or `sms`.
    pub fn of_mode(mode: &str, text: &str, country: &str) -> Result<Self, Violation> {
        match mode {
            "email" => input::email("/identity", text).map(Self::Email),
            "sms" if text.trim().is_empty() => Err(input::required("/identity")),
            "sms" => phone("/identity", text, country).map(Self::Phone),
            _ => Err(Violation::new("/mode", "unknown", "the mode is email or sms")),
        }
    }

    /// The form that is compared.
    #[must_use]
    pub fn canonical(&self) -> &str {
        match self {
            Self::Email(email) => email.canonical(),
            Self::Phone(phone) => phone.as_str(),
        }
    }

    /// The form that messages are sent to.
    #[must_use]
    pub fn entered(&self) -> &str {
        match self {
            Self::Email(email) => email.entered(),
            Self::Phone(phone) => phone.as_str(),
        }
    }

    /// How a message gets there.
    #[must_use]
    pub const fn channel(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Phone(_) => "sms",
        }
    }
}

/// A phone number, of `country` unless it names its own.
pub fn phone(pointer: &'static str, text: &str, country: &str) -> Result<Phone, Violation> {
    Phone::parse(text, Some(country)).map_err(|error| Violation::new(pointer, "malformed", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-2: what identifies somebody is compared in one form, however it was typed.
    #[test]
    fn identities_have_one_form() {
        let forms =
            [("Ada@Example.COM ", "ada@example.com"), ("030 123456", "+4930123456"), ("+49 30 123456", "+4930123456")];
        for (typed, canonical) in forms {
            let identity = Identity::parse("/identity", typed, "DE").expect("it is one");
            assert_eq!(identity.canonical(), canonical);
        }
        assert!(Identity::parse("/identity", "nobody", "DE").is_err());
        assert!(Identity::of_mode("sms", "ada@example.com", "DE").is_err());
        assert!(Identity::of_mode("fax", "+4930123456", "DE").is_err());
    }
}
