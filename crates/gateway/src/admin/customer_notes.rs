//! What staff note about a customer (CU-10).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::customers::v1::{self as pb, AddNoteRequest, EditNoteRequest, ListNotesRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::Pages;
use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::{Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, text, time},
};

/// The routes about notes.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_notes, add_note)).routes(routes!(edit_note))
}

const OFFER: Offer = &[];

/// A note.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "note_01939b7e5d3c7a2c9d2f1e0b7c6a5d47", "text": "Prefers to be called in the morning.",
    "author": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "written_by": "Carl", "created_at": "2026-03-02T12:00:00Z",
    "edited_at": null, "editable_until": "2026-03-02T12:05:00Z", "version": 1, "redacted": [],
}))]
pub struct Note {
    /// `note_…`.
    pub id: String,
    /// What it says.
    pub text: String,
    /// Who added it, `stf_…` or `akey_…`.
    pub author: String,
    /// The author's name at that time.
    pub written_by: Option<String>,
    /// When it was added.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub edited_at: Option<DateTime<Utc>>,
    /// Until when its author may change it.
    pub editable_until: Option<DateTime<Utc>>,
    /// Grows with every change.
    pub version: i64,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

impl Versioned for Note {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Note> for Note {
    fn from(note: pb::Note) -> Self {
        Self {
            id: note.id,
            text: note.text,
            author: note.author,
            written_by: text(note.written_by),
            created_at: time(note.created_at),
            edited_at: time(note.edited_at),
            editable_until: time(note.editable_until),
            version: note.version,
            redacted: note.redacted,
        }
    }
}

/// What a note is to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Prefers to be called in the morning."}))]
pub struct NoteText {
    /// 1 to 5 000 characters, lines among them.
    #[schema(
        min_length = 1,
        max_length = 5_000,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub text: String,
}

/// The notes about a customer, newest first.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    customer: String,
    wanted: Wanted,
) -> Result<Answer<List<Note>>, Problem> {
    let wanted = ListNotesRequest { customer, page: Some(wanted.page) };
    let found = peers.notes().list_notes(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.notes, found.page)))
}

/// Notes about a customer
///
/// Newest first. Their text is masked without `customers.pii`.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/notes", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"), Pages),
    responses((status = 200, body = List<Note>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_notes(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<Note>>, Problem> {
    list(&peers, &caller, id, Wanted::read(params, OFFER)?).await
}

/// Add a note about a customer
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/notes", tag = "Customers",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    request_body = NoteText,
    responses((status = 201, body = Note), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn add_note(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
    Body(NoteText { text }): Body<NoteText>,
) -> Result<Answer<Note>, Problem> {
    let note = peers.notes().add_note(caller.ask(AddNoteRequest { customer, text })).await?;
    Ok(Answer::<Note>::of(note).tagged().status(StatusCode::CREATED))
}

/// Change a note
///
/// Its author only, within five minutes of adding it.
#[utoipa::path(
    patch, path = "/admin/v1/customers/{id}/notes/{note}", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        ("note" = String, Path, description = "`note_…`", example = "note_01939b7e5d3c7a2c9d2f1e0b7c6a5d47")
    ),
    request_body = NoteText,
    responses(
        (status = 200, body = Note),
        (status = 403, description = "`not_author`: only its author may change a note."),
        (status = 404, description = "`customer_not_found`, `note_not_found`: there is no such customer or note."),
        (status = 412, description = "`stale_version`: the note was changed in the meantime."),
        (status = 422, description = "`note_fixed`: the five minutes are over.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn edit_note(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((customer, id)): Path<(String, String)>,
    Body(NoteText { text }): Body<NoteText>,
) -> Result<Answer<Note>, Problem> {
    let note = peers.notes().edit_note(caller.ask(EditNoteRequest { customer, id, text })).await?;
    Ok(Answer::<Note>::of(note).tagged())
}
