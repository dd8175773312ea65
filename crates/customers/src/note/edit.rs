//! Changes a note while that may be (CU-10).
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

/// What a note is to say.
#[derive(Clone, Debug)]
pub struct EditNote {
    scope: Scope,
    customer: CustomerId,
    note: NoteId,
    text: String,
    author: String,
    now: DateTime<Utc>,
}

impl EditNote {
    /// Reads a request in `scope` by `author`.
    pub fn parse(request: &pb::EditNoteRequest, scope: Scope, author: &str, now: DateTime<Utc>) -> Result<Self, Error> {
        let customer = request.customer.parse().map_err(|_| Error::CustomerNotFound)?;
        let note = request.id.parse().map_err(|_| Error::NoteNotFound)?;
        Ok(Self { scope, customer, note, text: text(&request.text)?, author: author.to_owned(), now })
    }
}

/// The note as it is since.
pub async fn edit_note(tx: &mut Tx, (call, keys): (&Call, &Keys), input: EditNote) -> Result<Note, Error> {
    let EditNote { scope, customer, note, text, author, now } = input;
    let customer = customers::lock_in(tx, scope, customer).await?.ok_or(Error::CustomerNotFound)?;
    let mut note = store::lock(tx, (scope.realm, customer.id), note).await?.ok_or(Error::NoteNotFound)?;
    call.check_version(note.version)?;
    let before = note.text.clone();
    note.edit(text, &author, now)?;
    if note.text != before {
        store::save(tx, &note).await?;
        let entry = Entry::new("note.edited", ("note", note.id), now);
        let entry = entry.changed(json!({ "text": before }), json!({ "text": note.text }));
        record(tx, (call, keys), &customer, entry).await?;
    }
    Ok(note)
}
