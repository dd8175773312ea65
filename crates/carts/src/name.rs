//! How a request names a cart: by its id, or by a key of the client's own.
use kit::{failure::Violation, ids::CartId};

use crate::Error;

/// A key that a client chose, 1 to 100 printable ASCII characters. One that looks like an id would never be found.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct ClientKey(String);

/// What a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// `cart_…`.
    Id(CartId),
    /// The client's own key.
    Key(ClientKey),
}

impl ClientKey {
    /// Reads the key of a cart to open.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let fault = |code: &'static str, detail: &'static str| Err(Violation::new("/client_key", code, detail));
        match text {
            "" => fault("required", "the key must not be empty"),
            _ if text.len() > 100 => fault("too_long", "the key must have at most 100 characters"),
            _ if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) => {
                fault("malformed", "the key must consist of printable ASCII characters")
            }
            _ if text.starts_with("cart_") => fault("reserved", "keys that begin with cart_ are ids of carts"),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The key as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<CartId> for ClientKey {
    /// The key under which the successor of a closed cart is found by whoever still asks for the old one.
    fn from(id: CartId) -> Self {
        Self(id.to_string())
    }
}

impl Name {
    /// Reads the name of a cart; what can be none names no cart.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.starts_with("cart_") {
            return text.parse().map(Self::Id).map_err(|_| Error::CartNotFound);
        }
        ClientKey::parse(text).map(Self::Key).map_err(|_| Error::CartNotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_and_a_key_are_told_apart() {
        let id = "cart_0192f0c4a8b07c3e9d1a2b3c4d5e6f70";
        assert_eq!(Name::parse(id).unwrap(), Name::Id(id.parse().unwrap()));
        assert_eq!(Name::parse("device 7").unwrap(), Name::Key(ClientKey("device 7".to_owned())));
    }

    #[test]
    fn what_can_be_neither_names_nothing() {
        for text in ["", "cart_", "cart_7", "naïve", "tab\t", &"k".repeat(101)] {
            assert!(matches!(Name::parse(text), Err(Error::CartNotFound)), "{text}");
        }
    }
}
