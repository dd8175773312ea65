//! Tickets and what is written in them, as pages show them.
use chrono_tz::Tz;
use proto::customers::v1::{Attachment, Ticket, TicketComment};

use crate::show::{Badge, Moment, Redacted};

/// A ticket.
pub struct Row {
    pub id: String,
    pub number: i64,
    pub subject: String,
    /// Whether subject and name are masked.
    pub masked: bool,
    pub status: Badge,
    /// Its slug.
    pub state: String,
    pub priority: Badge,
    pub urgency: String,
    pub customer: String,
    /// What they are called by.
    pub customer_name: String,
    /// Who sees to it, in words.
    pub assignee: String,
    pub assignee_id: String,
    pub channel: String,
    pub order: String,
    pub products: Vec<String>,
    pub tags: Vec<String>,
    pub follows: String,
    pub opened: Option<Moment>,
    pub changed: Option<Moment>,
    pub closes: Option<Moment>,
    pub version: i64,
    pub redacted: Vec<String>,
}

impl Row {
    /// A ticket for a reader in `zone`.
    pub fn new(ticket: Ticket, zone: Tz) -> Self {
        let named = [&ticket.customer_name, &ticket.customer_email].into_iter().find(|name| !name.is_empty());
        let gone = || "no longer here".to_owned();
        Self {
            masked: Redacted(&ticket.redacted).has("subject"),
            status: Badge::new(&ticket.status),
            priority: Badge {
                class: if ticket.priority == "urgent" || ticket.priority == "high" {
                    "bg-red-lt"
                } else {
                    "bg-secondary-lt"
                },
                ..Badge::new(&ticket.priority)
            },
            customer_name: named.cloned().unwrap_or_else(|| "Customer".to_owned()),
            assignee: match (ticket.assignee.is_empty(), ticket.assignee_name.is_empty()) {
                (true, _) => String::new(),
                (false, true) => gone(),
                (false, false) => ticket.assignee_name,
            },
            assignee_id: ticket.assignee,
            opened: Moment::new(ticket.created_at.as_ref(), zone),
            changed: Moment::new(ticket.updated_at.as_ref(), zone),
            closes: Moment::new(ticket.closes_at.as_ref(), zone),
            id: ticket.id,
            number: ticket.number,
            subject: if ticket.subject.is_empty() { "(forgotten)".to_owned() } else { ticket.subject },
            state: ticket.status,
            urgency: ticket.priority,
            customer: ticket.customer,
            channel: ticket.channel,
            order: ticket.order,
            products: ticket.products,
            tags: ticket.tags,
            follows: ticket.follows,
            version: ticket.version,
            redacted: ticket.redacted,
        }
    }
}

/// A file.
pub struct File {
    pub id: String,
    pub name: String,
    /// Its kind and length in words.
    pub about: String,
}

impl File {
    fn new(file: Attachment) -> Self {
        let ending = file.media_type.rsplit('/').next().unwrap_or_default().to_uppercase();
        let about = match file.size {
            size @ ..1_000 => format!("{ending}, {size} bytes"),
            size @ ..1_000_000 => format!("{ending}, {} kB", (size + 999) / 1_000),
            size => format!("{ending}, {} MB", (size + 999_999) / 1_000_000),
        };
        Self { id: file.id, name: file.name, about }
    }
}

/// Something that was written.
pub struct Comment {
    pub by: String,
    pub public: bool,
    pub from_customer: bool,
    pub text: String,
    pub masked: bool,
    pub files: Vec<File>,
    pub at: Option<Moment>,
}

impl Comment {
    /// A comment for a reader in `zone`.
    pub fn new(comment: TicketComment, zone: Tz) -> Self {
        let from_customer = comment.by == "customer";
        let staff = if comment.written_by.is_empty() { "Staff".to_owned() } else { comment.written_by };
        Self {
            by: if from_customer { "Customer".to_owned() } else { staff },
            public: comment.public,
            from_customer,
            masked: !comment.redacted.is_empty(),
            files: comment.attachments.into_iter().map(File::new).collect(),
            text: comment.text,
            at: Moment::new(comment.created_at.as_ref(), zone),
        }
    }
}
