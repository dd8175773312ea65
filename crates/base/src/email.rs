//! E-mail addresses: as entered, and the canonical form that says who a person is.
use email_address::EmailAddress;
use unicode_normalization::UnicodeNormalization;

/// An address that mail can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    entered: String,
    canonical: String,
}

/// Not an e-mail address.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// Reads an address of at most 254 characters. Case, Unicode form and the spelling of the domain do not
    /// tell people apart; dots and `+tags` do, since they are different mailboxes almost everywhere. Characters that
    /// only look alike, such as full-width letters, are refused before the `@`: mail would go to one mailbox, and the
    /// person would be matched with the owner of another.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let entered = text.trim();
        let (local, domain) = entered.rsplit_once('@').ok_or(InvalidEmail)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmail)?;
        if !local.nfc().eq(local.nfkc()) {
            return Err(InvalidEmail);
        }
        let canonical = format!("{}@{domain}", local.nfc().collect::<String>().to_lowercase());
        let plain = !entered.chars().any(|c| c.is_control() || c.is_whitespace()) && !local.starts_with('"');
        let short = entered.len().max(canonical.len()) <= 254; // a domain in ASCII may be longer than as it is written
        if short && plain && domain.contains('.') && EmailAddress::is_valid(&canonical) {
            Ok(Self { entered: entered.to_owned(), canonical })
        } else {
            Err(InvalidEmail)
        }
    }

    /// As its owner wrote it.
    #[must_use]
    pub fn entered(&self) -> &str {
        &self.entered
    }

    /// The form that is compared and indexed.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CU-2: case, Unicode form and the spelling of the domain do not make two people of one.
    #[test]
    fn spellings_of_one_address_are_one() {
        let canonical = |text| Email::parse(text).map(|email| email.canonical().to_owned());
        for (spelling, expected) in [
            ("ada@example.com", "ada@example.com"),
            ("  Ada@Example.COM ", "ada@example.com"),
            ("jo\u{308}rg@example.com", "jörg@example.com"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("a.d.a+shop@example.com", "a.d.a+shop@example.com"),
        ] {
            assert_eq!(canonical(spelling), Ok(expected.to_owned()), "{spelling}");
        }
        assert_eq!(Email::parse(" Ada@Example.com").map(|e| e.entered().to_owned()), Ok("Ada@Example.com".to_owned()));
    }

    /// CU-2, ID-1: what is matched as an address is that mailbox; look-alikes of its letters are another one.
    #[test]
    fn look_alikes_are_refused() {
        for text in
            ["\u{ff41}da@example.com", "\u{1d41a}da@example.com", "o\u{fb03}ce@example.com", "x\u{b2}@example.com"]
        {
            assert_eq!(Email::parse(text), Err(InvalidEmail), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        let long_in_ascii = format!("a@{}example", "bücher.".repeat(25));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "a da@example.com",
            "ada@exa mple.com",
            "ada@example.com\r\nBcc: all@example.com",
            "\"a b\"@example.com",
            "ada@@example.com",
            "a\0@example.com",
            &long,
            &long_in_ascii,
        ] {
            assert_eq!(Email::parse(text), Err(InvalidEmail), "{text:?}");
        }
    }
}
