//! Phone numbers in E.164.
use std::{fmt, ops::RangeInclusive};

/// How many digits a number has with its country code: at most what E.164 allows, at least what any country has.
const DIGITS: RangeInclusive<usize> = 7..=15;

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
        let number = country.and_then(|_| untrimmed(&digits, &number)).unwrap_or(number.e164);
        // What is kept has to be read as itself for ever, or nobody is found by it.
        let kept = e164(None, &number)?.e164;
        if kept == number && DIGITS.contains(&(kept.len() - 1)) { Ok(Self(kept)) } else { Err(InvalidPhone) }
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
    // Letters on a keypad are digits to the library, so that there may be fewer of them here.
    let front = digits.strip_suffix(national).filter(|_| !digits.ends_with(kept))?;
    let start = front.rfind(code)?;
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
            ("06 698 12345", Some("IT"), "+390669812345"),
            ("8 495 123-45-67", Some("RU"), "+74951234567"),
            ("06 1 234 5678", Some("HU"), "+3612345678"),
            ("(11) 96123-4567", Some("BR"), "+5511961234567"),
            ("55 1234 5678", Some("MX"), "+525512345678"),
            ("020 7946 0958", Some("GB"), "+442079460958"),
            ("+44 (0)20 7946 0958", None, "+442079460958"),
            ("11 2345-6789", Some("AR"), "+541123456789"),
            ("0549 886377", Some("SM"), "+3780549886377"),
            ("03-1234-5678", Some("JP"), "+81312345678"),
            ("(02) 9374 4000", Some("AU"), "+61293744000"),
            ("011 49 30 901820", Some("US"), "+4930901820"),
        ] {
            assert_eq!(Phone::parse(text, country).map(|phone| phone.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let long = "1".repeat(41);
        assert_eq!(Phone::parse("006 608", Some("IT")), Err(InvalidPhone), "no number in the end");
        assert_eq!(Phone::parse("110", Some("DE")), Err(InvalidPhone), "nobody's number");
        assert!(
            Phone::parse("0043 95qqqqqqq8", Some("GB")).is_ok_and(|phone| phone.as_str().starts_with("+43")),
            "keypad"
        );
        for text in ["", "call me", "12", "030 901820", "+", &long, "🙂🙂🙂🙂🙂🙂"] {
            assert_eq!(Phone::parse(text, None), Err(InvalidPhone), "{text}");
        }
    }
}
