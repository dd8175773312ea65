//! An address that what was sent to came back from.
use chrono::{DateTime, Utc};
use kit::{
    clock::timestamp,
    ids::{CustomerId, MessageId, RealmId, StoreId, SuppressionId},
    personal::redact,
};
use proto::notifications::v1 as pb;

use crate::message::{Channel, Message};

/// Why messages come back for good, as far as the address is to blame.
const HARD: [&str; 2] = ["rejected", "unsubscribed"];

/// Whether a message that failed for this `reason` says that its address is of no use.
#[must_use]
pub fn is_hard(reason: &str) -> bool {
    HARD.contains(&reason)
}

/// An address that marketing is not sent to.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the fields of the proto's Suppression")]
pub struct Suppression {
    pub realm_id: RealmId,
    pub id: SuppressionId,
    pub channel: Channel,
    pub recipient: String,
    pub customer_id: Option<CustomerId>,
    pub store_id: StoreId,
    pub cause: String,
    pub message_id: MessageId,
    pub created_at: DateTime<Utc>,
}

impl Suppression {
    /// That of `message`, which came back from `to` for this `cause`.
    #[must_use]
    pub fn of(message: &Message, (to, cause): (&str, &str), now: DateTime<Utc>) -> Self {
        Self {
            realm_id: message.realm_id,
            id: SuppressionId::new(now),
            channel: message.channel,
            recipient: to.to_lowercase(),
            customer_id: message.customer_id,
            store_id: message.store_id,
            cause: cause.to_owned(),
            message_id: message.id,
            created_at: now,
        }
    }

    /// As callers see it; masked for those who may not see personal data (ID-23).
    #[must_use]
    pub fn told(self, sees_pii: bool) -> pb::Suppression {
        let told = pb::Suppression {
            id: self.id.into(),
            channel: self.channel.slug().to_owned(),
            to: self.recipient,
            customer: self.customer_id.map(String::from).unwrap_or_default(),
            cause: self.cause,
            message: self.message_id.into(),
            created_at: Some(timestamp(self.created_at)),
            redacted: Vec::new(),
        };
        if sees_pii { told } else { redact(told) }
    }
}
