//! What a message to a customer says of a ticket: fetched when it is sent, so that no event and no queue has a word of it.
use kit::Db;
use proto::customers::v1 as pb;

use super::store;
use crate::Error;

/// The letter; its text is that of a public comment alone.
pub async fn letter(db: &Db, request: &pb::GetTicketLetterRequest) -> Result<pb::TicketLetter, Error> {
    let realm = request.realm.parse().map_err(|_| Error::TicketNotFound)?;
    let id = request.ticket.parse().map_err(|_| Error::TicketNotFound)?;
    let row = store::find_in(db.pool(), realm, id).await?.ok_or(Error::TicketNotFound)?;
    let text = if request.comment.is_empty() {
        String::new()
    } else {
        let comment = request.comment.parse().map_err(|_| Error::TicketNotFound)?;
        store::find_comment(db.pool(), (realm, id), comment).await?.ok_or(Error::TicketNotFound)?.text
    };
    Ok(pb::TicketLetter { email: row.customer_email, number: row.ticket.number, subject: row.ticket.subject, text })
}
