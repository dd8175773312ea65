//! A link.
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{OrderId, RealmId},
    secret,
};
use proto::orders::v1 as pb;

kit::id! {
    /// A link to an order.
    LinkId, "olnk";
}

/// What secrets start with, before the underscore.
pub const PREFIX: &str = "orderlink";

/// A link. It lasts until it is revoked, or its customer is erased.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Link {
    /// Customer base of the order.
    #[sqlx(rename = "realm_id")]
    pub realm: RealmId,
    /// Id.
    pub id: LinkId,
    /// What it shows.
    #[sqlx(rename = "order_id")]
    pub order: OrderId,
    /// What is kept of its secret.
    pub token_hash: Vec<u8>,
    /// Who made it: kind and id.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// What is kept of a secret.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    secret::sha256(secret.as_bytes())
}

impl Link {
    /// As the API shows it, without its secret.
    #[must_use]
    pub fn encode(self) -> pb::OrderLink {
        let state = if self.revoked_at.is_some() { "revoked" } else { "open" };
        pb::OrderLink {
            id: self.id.into(),
            order: self.order.into(),
            secret: String::new(),
            url: String::new(),
            state: state.to_owned(),
            created_by: self.created_by,
            created_at: Some(timestamp(self.created_at)),
            revoked_at: self.revoked_at.map(timestamp),
        }
    }
}
