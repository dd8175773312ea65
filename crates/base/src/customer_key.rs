//! The key that seals what is personal about one customer (PL-7). An erasure destroys it, and with it all that it sealed,
//! wherever that lies.
use std::fmt;

use crate::{
    ids::CustomerId,
    secret::{self, SecretError},
};

/// A customer's key. Clones are the same key; it is never printed.
#[derive(Clone)]
pub struct CustomerKey {
    customer: CustomerId,
    key: [u8; 32],
}

impl CustomerKey {
    /// A fresh key of `customer`.
    #[must_use]
    pub fn fresh(customer: CustomerId) -> Self {
        Self { customer, key: secret::random() }
    }

    /// The key of `customer` with these bytes.
    #[must_use]
    pub const fn new(customer: CustomerId, key: [u8; 32]) -> Self {
        Self { customer, key }
    }

    /// Whose it is.
    #[must_use]
    pub const fn customer(&self) -> CustomerId {
        self.customer
    }

    /// Its bytes, for whoever keeps it.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// Encrypts `plain` for `purpose`, which must be the same when it is opened.
    #[must_use]
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        secret::seal_with(&self.key, &self.context(purpose), plain)
    }

    /// Decrypts what [`CustomerKey::seal`] made.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        secret::open_with(&self.key, &self.context(purpose), sealed)
    }

    fn context(&self, purpose: &str) -> Vec<u8> {
        format!("{purpose} {}", self.customer).into_bytes()
    }
}

impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key of {}", self.customer)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// PL-7: what is sealed for a customer opens with their key and for its purpose only.
    #[test]
    fn a_key_opens_what_is_its_own() {
        let key = CustomerKey::fresh(CustomerId::new(DateTime::UNIX_EPOCH));
        let sealed = key.seal("audit", b"Ada");
        assert_eq!(key.open("audit", &sealed), Ok(b"Ada".to_vec()));
        let same = CustomerKey::new(key.customer(), *key.bytes());
        assert!(same.open("audit", &sealed).is_ok());
        let other = CustomerKey::new(CustomerId::new(DateTime::UNIX_EPOCH), *key.bytes());
        assert!(key.open("message", &sealed).is_err());
        assert!(other.open("audit", &sealed).is_err(), "sealed values are not moved from one to another");
        assert!(CustomerKey::fresh(key.customer()).open("audit", &sealed).is_err());
        assert!(!format!("{key:?}").contains(&hex::encode(key.bytes())));
    }
}
