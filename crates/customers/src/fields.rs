//! Reads the fields of a request and remembers every fault, so that a caller hears of all of them at once.
use std::str::FromStr;

use kit::{address, email::Email, failure::Violation};

/// Faults found so far.
#[derive(Debug, Default)]
pub struct Fields(Vec<Violation>);

impl Fields {
    /// Remembers a fault of the field at `pointer`.
    pub fn fault(&mut self, pointer: &'static str, code: &'static str, detail: &'static str) {
        self.0.push(Violation::new(pointer, code, detail));
    }

    /// An id.
    pub fn id<T: FromStr>(&mut self, pointer: &'static str, text: &str) -> Option<T> {
        let id = text.parse().ok();
        if id.is_none() {
            self.fault(pointer, "malformed", "this is not an id of the kind asked for");
        }
        id
    }

    /// An e-mail address, which has to be there.
    pub fn email(&mut self, pointer: &'static str, text: &str) -> Option<Email> {
        if text.trim().is_empty() {
            self.fault(pointer, "required", "an e-mail address is needed");
            return None;
        }
        let email = Email::parse(text).ok();
        if email.is_none() {
            self.fault(pointer, "malformed", "this is not an e-mail address");
        }
        email
    }

    /// A line of text without control characters, trimmed.
    pub fn line(&mut self, pointer: &'static str, text: &str, longest: usize) -> String {
        address::line(pointer, text, longest, &mut self.0)
    }

    /// Remembers faults that were found elsewhere.
    pub fn add(&mut self, faults: Vec<Violation>) {
        self.0.extend(faults);
    }

    /// Passes when nothing was at fault.
    pub fn finish(self) -> Result<(), kit::Error> {
        if self.0.is_empty() { Ok(()) } else { Err(kit::Error::Invalid(self.0)) }
    }
}
