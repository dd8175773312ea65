//! Files of tickets.
use chrono::{DateTime, Utc};
use proto::customers::v1 as pb;
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{
        ObjectBuilder, Type,
        schema::{Array, ArrayBuilder},
    },
};

use super::time;

/// A file of a ticket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "att_01939b7e5d3c7a2c9d2f1e0b7c6a5d52", "name": "lid.jpg", "type": "image/jpeg", "size": 482_113,
    "created_at": "2026-03-02T14:00:00Z",
}))]
pub struct Attachment {
    /// `att_…`.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its media type, told by what it holds.
    pub r#type: String,
    /// Its length in bytes.
    pub size: i64,
    /// When it was handed in.
    pub created_at: Option<DateTime<Utc>>,
}

impl From<pb::Attachment> for Attachment {
    fn from(file: pb::Attachment) -> Self {
        let created_at = time(file.created_at);
        Self { id: file.id, name: file.name, r#type: file.media_type, size: file.size, created_at }
    }
}

/// Ids of files that were handed in.
pub fn attachment_ids() -> Array {
    let id = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(36))
        .pattern(Some("^att_[0-9a-f]{32}$"))
        .examples(["att_01939b7e5d3c7a2c9d2f1e0b7c6a5d52"]);
    ArrayBuilder::new().items(id).max_items(Some(10)).unique_items(true).build()
}
