//! A file of a ticket.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::timestamp,
    ids::{AttachmentId, CustomerId, RealmId, TicketId},
};
use proto::customers::v1 as pb;

/// How long a file waits for something that is written to name it.
pub const WAITS: TimeDelta = TimeDelta::hours(24);

/// A file.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Attachment {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: AttachmentId,
    #[sqlx(rename = "ticket_id")]
    pub(crate) ticket: TicketId,
    /// Who handed it in: kind and id of the caller.
    pub(crate) uploaded_by: String,
    pub(crate) name: String,
    pub(crate) media_type: String,
    /// In bytes.
    pub(crate) size: i64,
    /// Whose key opens it, whoever that record has become since (CU-13).
    pub(crate) sealed_for: CustomerId,
    pub(crate) created_at: DateTime<Utc>,
}

/// Where the bytes of a file lie.
#[must_use]
pub fn place(realm: RealmId, id: AttachmentId) -> String {
    format!("attachments/{}/{}", realm.uuid(), id.uuid())
}

impl Attachment {
    /// As the API shows it, nothing masked.
    #[must_use]
    pub fn told(self) -> pb::Attachment {
        pb::Attachment {
            id: self.id.into(),
            name: self.name,
            media_type: self.media_type,
            size: self.size,
            created_at: Some(timestamp(self.created_at)),
        }
    }
}
