//! Reads the fields of a request and remembers every fault, so that a caller hears of all of them at once.
use std::str::FromStr;

use kit::{address, email::Email, failure::Violation, phone::Phone};
use serde_json::Value;

/// Longest `meta`, in bytes.
pub const META: usize = 16 * 1024;

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

    /// A phone, or `None` for an empty text. `country` is where one without a country code is from.
    pub fn phone(&mut self, pointer: &'static str, number: &str, country: Option<&str>) -> Option<Phone> {
        if number.trim().is_empty() {
            return None;
        }
        let phone = Phone::parse(number, country).ok();
        if phone.is_none() {
            self.fault(pointer, "malformed", "this is not a phone number; write it with its country code");
        }
        phone
    }

    /// A BCP 47 language, or none.
    pub fn language(&mut self, pointer: &'static str, tag: &str) -> String {
        let subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        if !tag.is_empty() && (tag.len() > 35 || !tag.split('-').all(subtag)) {
            self.fault(pointer, "malformed", "this is not a language tag such as de-AT");
        }
        tag.to_owned()
    }

    /// A JSON object.
    pub fn meta(&mut self, pointer: &'static str, text: &str) -> Option<Value> {
        let meta: Option<Value> = serde_json::from_str(text).ok().filter(Value::is_object);
        if text.len() > META {
            self.fault(pointer, "too_long", "meta must be at most 16 KiB");
        } else if meta.is_none() || text.contains("\\u0000") {
            self.fault(pointer, "malformed", "meta must be a JSON object");
        }
        meta
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
