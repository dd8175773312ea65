//! Fields of requests: all their faults are told at once.
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use ipnet::IpNet;
use kit::{Error, clock, email::Email, failure::Violation};
use prost_types::Timestamp;

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

/// A network such as `192.0.2.0/24`, by its first address; a single address stands for itself.
pub fn network(pointer: &str, text: &str) -> Result<IpNet, Violation> {
    let text = text.trim();
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(|ip| ip.to_canonical().into()));
    let fault = |_| Violation::new(pointer.to_owned(), "malformed", "this is no network address");
    network.map(|network| network.trunc()).map_err(fault)
}

/// A moment after `now`, if one is given.
pub fn later(
    pointer: &'static str,
    at: Option<&Timestamp>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Violation> {
    let Some(at) = at else { return Ok(None) };
    let at = clock::datetime(at).ok_or_else(|| Violation::new(pointer, "malformed", "this is no moment"))?;
    if at > now { Ok(Some(at)) } else { Err(Violation::new(pointer, "past", "this moment is over")) }
}

/// The fault of a field that is missing.
#[must_use]
pub fn required(pointer: &'static str) -> Violation {
    Violation::new(pointer, "required", "this is required")
}
