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
    /// tell people apart; dots and `+tags` do, since they are different mailboxes almost everywhere.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let entered = text.trim();
        let (local, domain) = entered.rsplit_once('@').ok_or(InvalidEmail)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmail)?;
        let canonical = format!("{}@{domain}", local.nfkc().collect::<String>().to_lowercase());
        let plain = !entered.chars().any(|c| c.is_control() || c.is_whitespace()) && !local.starts_with('"');
        if entered.len() <= 254 && plain && domain.contains('.') && EmailAddress::is_valid(&canonical) {
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
