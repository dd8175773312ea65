//! Pages of what was written in a ticket.
use kit::{Db, page::Pager};
use proto::customers::v1 as pb;
use sqlx::PgExecutor;

use super::{Comment, store, viewer::Viewer};
use crate::{Error, attachment};

/// The comments of a ticket that `viewer` sees, oldest first, and whose ticket it is.
pub async fn list(
    (db, pager): (&Db, &Pager),
    viewer: &Viewer,
    request: &pb::ListTicketCommentsRequest,
) -> Result<(Vec<Comment>, proto::base::v1::Page, kit::ids::CustomerId), Error> {
    let id = request.ticket.parse().map_err(|_| Error::TicketNotFound)?;
    let context = format!("comments {id} {}", viewer.is_staff());
    let page = pager.read(request.page.as_ref(), &context)?;
    let ticket = store::find(db.pool(), viewer, id).await?.ok_or(Error::TicketNotFound)?.ticket;
    let written = store::thread(db.pool(), (ticket.realm, ticket.id), viewer.is_staff(), &page).await?;
    let (written, place) = pager.finish(&page, written, &context, |comment| vec![comment.id.to_string()]);
    Ok((written, place, ticket.customer))
}

/// The same as the API shows them, with the files that went with them; nothing masked.
pub async fn with_files(
    db: impl PgExecutor<'_>,
    (written, notes): (Vec<Comment>, bool),
) -> Result<Vec<pb::TicketComment>, Error> {
    let Some(realm) = written.first().map(|comment| comment.realm) else { return Ok(Vec::new()) };
    let ids: Vec<_> = written.iter().map(|comment| comment.id).collect();
    let files = attachment::store::with(db, (realm, notes), &ids).await?;
    let told = written.into_iter().map(|comment| {
        let own = files.iter().filter(|row| row.comment == comment.id).map(|row| row.file.clone().told());
        pb::TicketComment { attachments: own.collect(), ..comment.told() }
    });
    Ok(told.collect())
}
