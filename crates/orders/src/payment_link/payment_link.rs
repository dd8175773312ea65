//! A link by which an invoice is paid.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::timestamp,
    failure::Violation,
    ids::{OrderId, RealmId},
    secret,
};
use proto::orders::v1 as pb;

use crate::invoice::bill::Stand;

kit::id! {
    /// A link by which an order is paid.
    PaymentLinkId, "plnk";
}

/// What secrets start with, before the underscore.
pub const PREFIX: &str = "paylink";
/// How long a link lasts when nothing else is said.
const USUAL: TimeDelta = TimeDelta::days(14);
/// How long it may last, in seconds: five minutes to ninety days.
const SECONDS: std::ops::RangeInclusive<u32> = 300..=7_776_000;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PaymentLink {
    /// Customer base of the order.
    #[sqlx(rename = "realm_id")]
    pub realm: RealmId,
    /// Id.
    pub id: PaymentLinkId,
    /// What is paid by it.
    #[sqlx(rename = "order_id")]
    pub order: OrderId,
    /// What is kept of its secret.
    pub token_hash: Vec<u8>,
    /// Whether it was mailed.
    pub sent: bool,
    /// Who made it: kind and id.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// How long a link is to last.
pub fn lifetime(seconds: u32) -> Result<TimeDelta, Violation> {
    match seconds {
        0 => Ok(USUAL),
        seconds if SECONDS.contains(&seconds) => Ok(TimeDelta::seconds(seconds.into())),
        _ => Err(Violation::new("/expires_in", "out_of_range", "a link lasts 5 minutes to 90 days")),
    }
}

/// What is kept of a secret.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    secret::sha256(secret.as_bytes())
}

impl PaymentLink {
    /// Whether it leads anywhere at `now`.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// What became of it at `now`, when its order's bill stands like that.
    #[must_use]
    pub fn state(&self, bill: Stand, now: DateTime<Utc>) -> &'static str {
        if self.revoked_at.is_some() {
            "revoked"
        } else if bill == Stand::Paid {
            "paid"
        } else if self.is_open(now) {
            "open"
        } else {
            "expired"
        }
    }

    /// As the API shows it, without its address.
    #[must_use]
    pub fn encode(self, bill: Stand, now: DateTime<Utc>) -> pb::PaymentLink {
        pb::PaymentLink {
            state: self.state(bill, now).to_owned(),
            id: self.id.into(),
            order: self.order.into(),
            url: String::new(),
            sent: self.sent,
            created_by: self.created_by,
            created_at: Some(timestamp(self.created_at)),
            expires_at: Some(timestamp(self.expires_at)),
            revoked_at: self.revoked_at.map(timestamp),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-2: a link ends; nobody makes one that does not.
    #[test]
    fn links_last_a_while() {
        assert_eq!(lifetime(0), Ok(TimeDelta::days(14)));
        assert_eq!(lifetime(300), Ok(TimeDelta::minutes(5)));
        assert_eq!(lifetime(7_776_000), Ok(TimeDelta::days(90)));
        assert!(lifetime(299).is_err() && lifetime(7_776_001).is_err());
    }
}
