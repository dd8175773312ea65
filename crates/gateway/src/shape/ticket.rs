//! Support tickets as those see them whose they are.
use chrono::{DateTime, Utc};
use proto::customers::v1 as pb;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Attachment, attachment_ids, text, time};
use crate::answer::Versioned;

/// A ticket of one's own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e", "number": 12, "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "subject": "The lid does not fit", "status": "pending", "order": null, "products": [], "follows": null,
    "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T14:00:00Z", "closes_at": null, "version": 2,
}))]
pub struct OwnTicket {
    /// `tkt_…`.
    pub id: String,
    /// Number that people use.
    pub number: i64,
    /// Store that it was opened in.
    pub store: String,
    /// What it is about.
    pub subject: String,
    /// `new`, `open`, `pending` (it is the customer's turn), `solved` or `closed`.
    pub status: String,
    /// Order that it is about.
    pub order: Option<String>,
    /// Products that it is about.
    pub products: Vec<String>,
    /// The closed ticket that it goes on from.
    pub follows: Option<String>,
    /// When it was opened.
    pub created_at: Option<DateTime<Utc>>,
    /// When something about it last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// When a solved one closes by itself.
    pub closes_at: Option<DateTime<Utc>>,
    /// Grows with every change.
    pub version: i64,
}

impl Versioned for OwnTicket {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Ticket> for OwnTicket {
    fn from(ticket: pb::Ticket) -> Self {
        Self {
            id: ticket.id,
            number: ticket.number,
            store: ticket.store,
            subject: ticket.subject,
            status: ticket.status,
            order: text(ticket.order),
            products: ticket.products,
            follows: text(ticket.follows),
            created_at: time(ticket.created_at),
            updated_at: time(ticket.updated_at),
            closes_at: time(ticket.closes_at),
            version: ticket.version,
        }
    }
}

/// Something that was written in a ticket of one's own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "tcm_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f", "ticket": "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e", "by": "staff",
    "written_by": "Carl", "text": "We send you another one.", "created_at": "2026-03-02T14:00:00Z",
    "attachments": [],
}))]
pub struct OwnTicketComment {
    /// `tcm_…`.
    pub id: String,
    /// The ticket that it is in: another one than was written to, when that was closed.
    pub ticket: String,
    /// `customer` or `staff`.
    pub by: String,
    /// Who of the staff wrote it.
    pub written_by: Option<String>,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub created_at: Option<DateTime<Utc>>,
    /// Files that came with it.
    pub attachments: Vec<Attachment>,
}

impl From<pb::TicketComment> for OwnTicketComment {
    fn from(comment: pb::TicketComment) -> Self {
        Self {
            id: comment.id,
            ticket: comment.ticket,
            by: comment.by,
            written_by: text(comment.written_by),
            text: comment.text,
            created_at: time(comment.created_at),
            attachments: comment.attachments.into_iter().map(Into::into).collect(),
        }
    }
}

/// Something to write in a ticket of one's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "It came without a lid."}))]
pub struct TicketReply {
    /// 1 to 10 000 characters, lines among them.
    #[schema(
        min_length = 1,
        max_length = 10_000,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub text: String,
    /// At most ten files that one has handed in for this ticket, `att_…`.
    #[serde(default)]
    #[schema(schema_with = attachment_ids)]
    pub attachments: Vec<String>,
}
