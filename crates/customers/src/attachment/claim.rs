//! Has something that is written name files.
use kit::{Tx, failure::Violation, ids::AttachmentId};

use super::store;
use crate::{
    Error,
    loose_file::store as loose,
    ticket::{Comment, Ticket},
};

/// Most files that go with one comment.
const MOST: usize = 10;

/// Reads which files go with a comment: each once.
pub fn parse(given: &[String]) -> Result<Vec<AttachmentId>, Error> {
    if given.len() > MOST {
        return Err(Violation::new("/attachments", "too_many", "at most 10 files").into());
    }
    let mut files = Vec::new();
    for id in given {
        // What is no id is nobody's file.
        let id = id.parse().map_err(|_| Error::AttachmentNotFound)?;
        if files.contains(&id) {
            return Err(Violation::new("/attachments", "duplicate", "each file once").into());
        }
        files.push(id);
    }
    Ok(files)
}

/// Has what was `written` name `files`, which `by` has handed in for `ticket`.
pub async fn claim(
    tx: &mut Tx,
    (files, by): (&[AttachmentId], &str),
    ticket: &Ticket,
    written: &Comment,
) -> Result<(), Error> {
    if files.is_empty() {
        return Ok(());
    }
    if store::claim(tx, (files, by), ticket.id, written).await? != files.len() as u64 {
        let used = store::are_used(tx, (ticket.realm, by), files).await?;
        return Err(if used { Error::AttachmentUsed } else { Error::AttachmentNotFound });
    }
    // Moved, not dropped: its bytes stay.
    loose::take(tx, &store::places(ticket.realm, files)).await?;
    Ok(())
}
