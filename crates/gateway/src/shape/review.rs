//! Reviews, the same for shoppers and staff: they never show an author's e-mail or phone (RE-8).
use chrono::{DateTime, Utc};
use proto::reviews::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::answer::Versioned;

/// A review.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "rev_01939b7e5d3c7a2c9d2f1e0b7c6a5d48", "subject": "prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46",
    "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "rating": 5, "content": "Holds its pint.", "verified": true,
    "customer": {"id": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "name": "Jane D."}, "version": 1,
    "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z",
}))]
pub struct Review {
    /// `rev_…`.
    pub id: String,
    /// `prd_…` or `sto_…`.
    pub subject: String,
    /// Store it was written in.
    pub store: String,
    /// 1 to 5.
    pub rating: u32,
    /// Text; may be empty.
    pub content: String,
    /// Whether the author bought the subject.
    pub verified: bool,
    /// Who wrote it.
    pub customer: Author,
    /// Grows with every change.
    pub version: i64,
    /// When it was written.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

/// Who wrote a review.
#[derive(Debug, Serialize, ToSchema)]
pub struct Author {
    /// `cus_…`.
    pub id: String,
    /// First name and initial.
    pub name: String,
}

impl Versioned for Review {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Review> for Review {
    fn from(review: pb::Review) -> Self {
        Self {
            id: review.id,
            subject: review.subject,
            store: review.store,
            rating: review.rating,
            content: review.content,
            verified: review.verified,
            customer: Author { id: review.author, name: review.author_name },
            version: review.version,
            created_at: time(review.created_at),
            updated_at: time(review.updated_at),
        }
    }
}
