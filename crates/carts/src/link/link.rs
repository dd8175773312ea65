//! A link: how long it lasts, and what ends it.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::timestamp,
    failure::Violation,
    ids::{CartId, CheckoutLinkId, CustomerId, RealmId},
    secret,
};
use proto::carts::v1 as pb;

use crate::cart::{Cart, Status};

/// What tokens start with, before the underscore.
pub const PREFIX: &str = "cartlink";
/// How long a link lasts when nobody says.
pub const USUAL: TimeDelta = TimeDelta::days(7);
/// The shortest and the longest that one may last, in seconds.
const SECONDS: std::ops::RangeInclusive<u32> = 300..=30 * 24 * 3_600;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Link {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: CheckoutLinkId,
    #[sqlx(rename = "cart_id")]
    pub(crate) cart: CartId,
    /// Whom it signs in, whoever the cart belongs to later.
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    /// SHA-256 of the token in its address.
    pub(crate) token_hash: Vec<u8>,
    /// Channel it was sent by; empty when it was not.
    pub(crate) sent_by: String,
    pub(crate) created_by: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) revoked_at: Option<DateTime<Utc>>,
}

/// How long a link is to last.
pub fn lifetime(seconds: u32) -> Result<TimeDelta, Violation> {
    match seconds {
        0 => Ok(USUAL),
        seconds if SECONDS.contains(&seconds) => Ok(TimeDelta::seconds(seconds.into())),
        _ => Err(Violation::new("/expires_in", "out_of_range", "a link lasts 5 minutes to 30 days")),
    }
}

/// What is kept of a token.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    secret::sha256(token.as_bytes())
}

impl Link {
    /// What became of it at `now`, when `cart` is its cart.
    #[must_use]
    pub fn state(&self, cart: &Cart, now: DateTime<Utc>) -> &'static str {
        if cart.status == Status::Closed {
            "used" // one cart, one order: nothing is left to check out (CA-2)
        } else if self.revoked_at.is_some() {
            "revoked"
        } else if now >= self.expires_at || cart.check_open(now).is_err() {
            "expired"
        } else if cart.customer != Some(self.customer) {
            "void" // the cart is another person's now
        } else {
            "open"
        }
    }

    /// As the API shows it.
    #[must_use]
    pub fn told(&self, cart: &Cart, now: DateTime<Utc>) -> pb::CheckoutLink {
        pb::CheckoutLink {
            id: self.id.into(),
            cart: self.cart.into(),
            url: String::new(),
            state: self.state(cart, now).to_owned(),
            sent_by: self.sent_by.clone(),
            created_by: self.created_by.clone(),
            created_at: Some(timestamp(self.created_at)),
            expires_at: Some(timestamp(self.expires_at)),
            revoked_at: self.revoked_at.map(timestamp),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-6: a link ends; nobody makes one that does not.
    #[test]
    fn links_last_a_while() {
        assert_eq!(lifetime(0), Ok(TimeDelta::days(7)));
        assert_eq!(lifetime(300), Ok(TimeDelta::minutes(5)));
        assert_eq!(lifetime(2_592_000), Ok(TimeDelta::days(30)));
        assert!(lifetime(299).is_err() && lifetime(2_592_001).is_err());
    }
}
