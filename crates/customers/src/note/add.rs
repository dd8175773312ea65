//! Adds a note (CU-10).
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{Entry, json},
    ids::{CustomerId, NoteId},
};
use proto::customers::v1 as pb;

use super::{Note, note::text, store};
use crate::{
    Error,
    customer::{Scope, store as customers},
    key::Keys,
    record::told::record,
};

/// A note to add.
#[derive(Clone, Debug)]
pub struct AddNote {
    scope: Scope,
    customer: CustomerId,
    text: String,
    author: (String, String),
    now: DateTime<Utc>,
}

impl AddNote {
    /// Reads a request in `scope` by the author of this id and name.
    pub fn parse(
        request: &pb::AddNoteRequest,
        scope: Scope,
        author: (String, String),
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let customer = request.customer.parse().map_err(|_| Error::CustomerNotFound)?;
        Ok(Self { scope, customer, text: text(&request.text)?, author, now })
    }
}

/// The note.
pub async fn add_note(tx: &mut Tx, (call, keys): (&Call, &Keys), input: AddNote) -> Result<Note, Error> {
    let AddNote { scope, customer, text, author: (author, written_by), now } = input;
    let customer = customers::lock_in(tx, scope, customer).await?.ok_or(Error::CustomerNotFound)?;
    let note = Note {
        realm: scope.realm,
        id: NoteId::new(now),
        customer: customer.id,
        author,
        written_by,
        text,
        version: 1,
        created_at: now,
        edited_at: None,
    };
    store::insert(tx, &note).await?;
    let entry = Entry::new("note.added", ("note", note.id), now).created(json!({ "text": note.text }));
    record(tx, (call, keys), &customer, entry).await?;
    Ok(note)
}
