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
        let text = text.trim();
        if text.len() > 40 || !phonenumber::is_viable(text) {
            return Err(InvalidPhone);
        }
        // With a country, the library takes that country's trunk prefix off numbers of other countries, too.
        let abroad = text.starts_with(['+', '\u{ff0b}']);
        let country = country.filter(|_| !abroad).and_then(|code| code.parse().ok());
        let number = e164(country, text)?;
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        match country.and_then(|_| untrimmed(&digits, &number)) {
            Some(whole) => Ok(Self(e164(None, &whole)?.e164)),
            None => Ok(Self(number.e164)),
        }
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

/// A number as the library reads it.
struct Read {
    e164: String,
    /// Of the country it was dialled to, when it was dialled as from abroad.
    dialled: Option<String>,
}

fn e164(country: Option<phonenumber::country::Id>, text: &str) -> Result<Read, InvalidPhone> {
    let number = phonenumber::parse(country, text).map_err(|_| InvalidPhone)?;
    let code = number.country();
    let dialled = (code.source() == phonenumber::country::Source::Idd).then(|| code.code().to_string());
    Ok(Read { e164: number.format().mode(phonenumber::Mode::E164).to_string(), dialled })
}

/// What was dialled as from abroad (`011 33 1 42 68 53 00`), with all digits behind its country code again.
fn untrimmed(digits: &str, number: &Read) -> Option<String> {
    let (code, kept) = (number.dialled.as_deref()?, &number.e164[1..]);
    let national = kept.strip_prefix(code)?;
    let lost = !digits.ends_with(kept) && digits.ends_with(national);
    let start = digits[..digits.len() - national.len()].rfind(code).filter(|_| lost)?;
    Some(format!("+{}", &digits[start..]))
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
            ("+33 1 42 68 53 00", Some("US"), "+33142685300"),
            ("011 33 1 42 68 53 00", Some("US"), "+33142685300"),
            ("0049 30 901820", Some("FR"), "+4930901820"),
            ("011 49 30 901820", Some("US"), "+4930901820"),
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
