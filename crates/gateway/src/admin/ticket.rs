//! Support tickets as staff see them.
use chrono::{DateTime, Utc};
use proto::customers::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer::Versioned,
    shape::{Attachment, text, time},
};

/// A support ticket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e", "number": 12, "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "customer": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "customer_name": "Jane Doe",
    "customer_email": "jane@example.com", "subject": "The lid does not fit", "status": "pending", "priority": "normal",
    "assignee": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "assignee_name": "Carl", "channel": "portal", "order": null,
    "products": [], "tags": ["parcel"], "follows": null, "created_at": "2026-03-02T12:00:00Z",
    "updated_at": "2026-03-02T14:00:00Z", "solved_at": null, "closes_at": null, "version": 2, "redacted": [],
}))]
pub struct Ticket {
    /// `tkt_…`.
    pub id: String,
    /// Number that people use, rising in each store.
    pub number: i64,
    /// Store that it was opened in.
    pub store: String,
    /// Whose it is, `cus_…`.
    pub customer: String,
    /// Their name.
    pub customer_name: Option<String>,
    /// Their e-mail address.
    pub customer_email: Option<String>,
    /// What it is about.
    pub subject: String,
    /// `new`, `open`, `pending`, `solved` or `closed`.
    pub status: String,
    /// `low`, `normal`, `high` or `urgent`.
    pub priority: String,
    /// Who sees to it, `stf_…`.
    pub assignee: Option<String>,
    /// Their name, as long as they work there.
    pub assignee_name: Option<String>,
    /// `portal`, `api` or `staff`.
    pub channel: String,
    /// Order that it is about.
    pub order: Option<String>,
    /// Products that it is about.
    pub products: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// The closed ticket that it goes on from.
    pub follows: Option<String>,
    /// When it was opened.
    pub created_at: Option<DateTime<Utc>>,
    /// When something about it last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was solved.
    pub solved_at: Option<DateTime<Utc>>,
    /// When a solved one closes by itself.
    pub closes_at: Option<DateTime<Utc>>,
    /// Grows with every change.
    pub version: i64,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

impl Versioned for Ticket {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Ticket> for Ticket {
    fn from(ticket: pb::Ticket) -> Self {
        Self {
            id: ticket.id,
            number: ticket.number,
            store: ticket.store,
            customer: ticket.customer,
            customer_name: text(ticket.customer_name),
            customer_email: text(ticket.customer_email),
            subject: ticket.subject,
            status: ticket.status,
            priority: ticket.priority,
            assignee: text(ticket.assignee),
            assignee_name: text(ticket.assignee_name),
            channel: ticket.channel,
            order: text(ticket.order),
            products: ticket.products,
            tags: ticket.tags,
            follows: text(ticket.follows),
            created_at: time(ticket.created_at),
            updated_at: time(ticket.updated_at),
            solved_at: time(ticket.solved_at),
            closes_at: time(ticket.closes_at),
            version: ticket.version,
            redacted: ticket.redacted,
        }
    }
}

/// Something that was written in a ticket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "tcm_01939b7e5d3c7a2c9d2f1e0b7c6a5d4f", "ticket": "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e", "public": true,
    "by": "staff", "author": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "written_by": "Carl",
    "text": "We send you another one.", "created_at": "2026-03-02T14:00:00Z", "attachments": [], "redacted": [],
}))]
pub struct TicketComment {
    /// `tcm_…`.
    pub id: String,
    /// The ticket, `tkt_…`.
    pub ticket: String,
    /// Whether the customer sees it.
    pub public: bool,
    /// `customer` or `staff`.
    pub by: String,
    /// Who wrote it, `cus_…`, `stf_…` or `akey_…`.
    pub author: String,
    /// The author's name at that time, where staff wrote it.
    pub written_by: Option<String>,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub created_at: Option<DateTime<Utc>>,
    /// Files that came with it.
    pub attachments: Vec<Attachment>,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

impl From<pb::TicketComment> for TicketComment {
    fn from(comment: pb::TicketComment) -> Self {
        Self {
            id: comment.id,
            ticket: comment.ticket,
            public: comment.public,
            by: comment.by,
            author: comment.author,
            written_by: text(comment.written_by),
            text: comment.text,
            created_at: time(comment.created_at),
            attachments: comment.attachments.into_iter().map(Into::into).collect(),
            redacted: comment.redacted,
        }
    }
}
