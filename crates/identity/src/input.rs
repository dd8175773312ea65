//! Fields of requests: all their faults are told at once.
use kit::{Error, email::Email, failure::Violation};

/// Faults found so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<Violation>);

impl Faults {
    /// The value, or nothing and one fault more.
    pub fn take<T>(&mut self, field: Result<T, Violation>) -> Option<T> {
        field.map_err(|fault| self.0.push(fault)).ok()
    }
}

impl From<Faults> for crate::Error {
    fn from(faults: Faults) -> Self {
        Self::Kit(Error::Invalid(faults.0))
    }
}

/// A text of 1 to `max` characters without space around it or control characters in it.
pub fn text(pointer: &'static str, text: &str, max: usize) -> Result<String, Violation> {
    let text = text.trim();
    if text.is_empty() {
        return Err(required(pointer));
    }
    if text.chars().count() > max {
        return Err(Violation::new(pointer, "too_long", format!("at most {max} characters are allowed")));
    }
    if text.chars().any(char::is_control) {
        return Err(Violation::new(pointer, "malformed", "control characters are not allowed"));
    }
    Ok(text.to_owned())
}

/// An e-mail address.
pub fn email(pointer: &'static str, text: &str) -> Result<Email, Violation> {
    if text.trim().is_empty() {
        return Err(required(pointer));
    }
    Email::parse(text).map_err(|error| Violation::new(pointer, "malformed", error.to_string()))
}

/// The fault of a field that is missing.
#[must_use]
pub fn required(pointer: &'static str) -> Violation {
    Violation::new(pointer, "required", "this is required")
}
