//! A named value of a record, which may be masked.

/// A named value.
pub struct Fact {
    /// What it is.
    pub label: String,
    /// The value, or what the service left of it.
    pub value: String,
    /// Whether the service masked it (ID-23).
    pub masked: bool,
}

/// The fields that a service masked in an answer.
pub struct Redacted<'a>(pub &'a [String]);

impl Redacted<'_> {
    /// Whether `field` (or a part of it) is masked.
    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|name| name.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    /// The fact of `field`; `None` when there is no value.
    pub fn fact(&self, label: impl Into<String>, field: &str, value: &str) -> Option<Fact> {
        let fact = || Fact { label: label.into(), value: value.to_owned(), masked: self.has(field) };
        (!value.is_empty()).then(fact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-23: what the service names as masked is marked as such.
    #[test]
    fn masked_fields_are_marked() {
        let names = ["email".to_owned(), "address.line1".to_owned()];
        let redacted = Redacted(&names);
        assert!(redacted.fact("E-mail", "email", "j***@example.com").unwrap().masked);
        assert!(redacted.has("address"));
        assert!(!redacted.fact("Language", "language", "en").unwrap().masked);
        assert!(!redacted.has("mail"));
        assert!(redacted.fact("Fax", "fax", "").is_none());
    }
}
