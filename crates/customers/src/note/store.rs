//! All SQL of notes.
use kit::{
    ids::{CustomerId, NoteId, RealmId},
    page::Page,
};
use sqlx::{PgConnection, PgExecutor};

use super::Note;
use crate::Error;

/// Adds a note.
pub async fn insert(db: &mut PgConnection, note: &Note) -> Result<(), Error> {
    sqlx::query(
        "insert into customer_notes (realm_id, id, customer_id, author, written_by, text, version, created_at, edited_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(note.realm)
    .bind(note.id)
    .bind(note.customer)
    .bind(&note.author)
    .bind(&note.written_by)
    .bind(&note.text)
    .bind(note.version)
    .bind(note.created_at)
    .bind(note.edited_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Whether there is a note about `customer` that says just this.
pub async fn says(
    db: impl PgExecutor<'_>,
    (realm, customer): (RealmId, CustomerId),
    text: &str,
) -> Result<bool, Error> {
    let says = "select exists (select from customer_notes where realm_id = $1 and customer_id = $2 and text = $3)";
    Ok(sqlx::query_scalar(says).bind(realm).bind(customer).bind(text).fetch_one(db).await?)
}

/// A note about `customer`, locked until the transaction ends.
pub async fn lock(
    db: &mut PgConnection,
    (realm, customer): (RealmId, CustomerId),
    id: NoteId,
) -> Result<Option<Note>, Error> {
    let note = "select * from customer_notes where realm_id = $1 and id = $2 and customer_id = $3 for update";
    Ok(sqlx::query_as(note).bind(realm).bind(id).bind(customer).fetch_optional(db).await?)
}

/// Writes what a note says since.
pub async fn save(db: &mut PgConnection, note: &Note) -> Result<(), Error> {
    let save = "update customer_notes set text = $3, version = $4, edited_at = $5 where realm_id = $1 and id = $2";
    let save = sqlx::query(save).bind(note.realm).bind(note.id).bind(&note.text);
    save.bind(note.version).bind(note.edited_at).execute(db).await?;
    Ok(())
}

/// The notes about `customer`, newest first, as ids are in the order of time.
pub async fn page(
    db: impl PgExecutor<'_>,
    (realm, customer): (RealmId, CustomerId),
    page: &Page,
) -> Result<Vec<Note>, Error> {
    let from = page.cursor.as_ref().and_then(|cursor| cursor.key.first()).and_then(|id| id.parse::<NoteId>().ok());
    let notes = if page.is_forward() {
        "select * from customer_notes where realm_id = $1 and customer_id = $2 and ($3::uuid is null or id < $3)
         order by id desc limit $4"
    } else {
        "select * from customer_notes where realm_id = $1 and customer_id = $2 and ($3::uuid is null or id > $3)
         order by id limit $4"
    };
    let notes = sqlx::query_as(notes).bind(realm).bind(customer).bind(from.map(NoteId::uuid));
    Ok(notes.bind(page.fetch()).fetch_all(db).await?)
}
