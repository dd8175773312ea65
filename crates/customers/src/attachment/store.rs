//! All SQL of files of tickets.
use chrono::{DateTime, Utc};
use kit::{
    clock::Clock,
    ids::{AttachmentId, RealmId, TicketCommentId, TicketId},
};
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor, types::Uuid};

use super::{
    Attachment,
    attachment::{WAITS, place},
};
use crate::{Error, ticket::Comment};

/// Those that go at once.
const BATCH: i64 = 1_000;

/// A file with what it went with.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    /// The file.
    #[sqlx(flatten)]
    pub file: Attachment,
    /// What names it.
    #[sqlx(rename = "comment_id")]
    pub comment: TicketCommentId,
}

/// Where files lie that go with what customers see, or with notes.
const fn table(public: bool) -> &'static str {
    if public { "ticket_attachments" } else { "ticket_note_attachments" }
}

/// Adds a file that nothing names yet.
pub async fn insert(db: &mut PgConnection, file: &Attachment) -> Result<(), Error> {
    sqlx::query(
        "insert into ticket_uploads (realm_id, id, ticket_id, uploaded_by, name, media_type, size, sealed_for, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(file.realm)
    .bind(file.id)
    .bind(file.ticket)
    .bind(&file.uploaded_by)
    .bind(&file.name)
    .bind(&file.media_type)
    .bind(file.size)
    .bind(file.sealed_for)
    .bind(file.created_at)
    .execute(db)
    .await?;
    Ok(())
}

/// How many files somebody has handed in for a ticket since `since`.
pub async fn handed_in(
    db: impl PgExecutor<'_>,
    (realm, ticket): (RealmId, TicketId),
    (by, since): (&str, DateTime<Utc>),
) -> Result<i64, Error> {
    let of = "where realm_id = $1 and ticket_id = $2 and uploaded_by = $3 and created_at > $4";
    let count = format!(
        "select (select count(*) from ticket_uploads {of}) + (select count(*) from ticket_attachments {of})
              + (select count(*) from ticket_note_attachments {of})"
    );
    let count = sqlx::query_scalar(AssertSqlSafe(count)).bind(realm).bind(ticket).bind(by).bind(since);
    Ok(count.fetch_one(db).await?)
}

/// How many files a customer has handed in since `since`, for whatever tickets, and how many bytes they are.
pub async fn handed_in_at_all(
    db: impl PgExecutor<'_>,
    realm: RealmId,
    (by, since): (&str, DateTime<Utc>),
) -> Result<(i64, i64), Error> {
    let of = "where realm_id = $1 and uploaded_by = $2 and created_at > $3";
    let sum = format!(
        "select count(*), coalesce(sum(size), 0)::bigint
         from (select size from ticket_uploads {of} union all select size from ticket_attachments {of}) as files"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sum)).bind(realm).bind(by).bind(since).fetch_one(db).await?)
}

/// Moves those of `files` that `by` has handed in for `ticket` to what was `written`, also when that is in a ticket that
/// follows it; how many they were.
pub async fn claim(
    db: &mut PgConnection,
    (files, by): (&[AttachmentId], &str),
    ticket: TicketId,
    written: &Comment,
) -> Result<u64, Error> {
    let claim = format!(
        "with taken as (delete from ticket_uploads where realm_id = $1 and ticket_id = $2 and uploaded_by = $3
                          and id = any($4) and created_at > $7 returning *)
         insert into {} (realm_id, id, ticket_id, uploaded_by, name, media_type, size, sealed_for, created_at, comment_id)
         select realm_id, id, $5, uploaded_by, name, media_type, size, sealed_for, created_at, $6 from taken",
        table(written.public)
    );
    let claim = sqlx::query(AssertSqlSafe(claim)).bind(written.realm).bind(ticket).bind(by).bind(uuids(files));
    let claim = claim.bind(written.ticket).bind(written.id).bind(written.created_at - WAITS);
    Ok(claim.execute(db).await?.rows_affected())
}

/// Whether something names one of `files` already that `by` has handed in.
pub async fn are_used(
    db: &mut PgConnection,
    (realm, by): (RealmId, &str),
    files: &[AttachmentId],
) -> Result<bool, Error> {
    let of = "where realm_id = $1 and uploaded_by = $2 and id = any($3)";
    let used = format!(
        "select exists (select from ticket_attachments {of}) or exists (select from ticket_note_attachments {of})"
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(used)).bind(realm).bind(by).bind(uuids(files)).fetch_one(db).await?)
}

/// The file `id` of a ticket, if something names it that is public, or also if it is a note with `notes`.
pub async fn find(
    db: impl PgExecutor<'_>,
    (realm, ticket): (RealmId, TicketId),
    (id, notes): (AttachmentId, bool),
) -> Result<Option<Attachment>, Error> {
    let find = each(notes, "realm_id = $1 and ticket_id = $2 and id = $3");
    Ok(sqlx::query_as(AssertSqlSafe(find)).bind(realm).bind(ticket).bind(id).fetch_optional(db).await?)
}

/// The files that go with `comments`, oldest first; those of `notes` among them.
pub async fn with(
    db: impl PgExecutor<'_>,
    (realm, notes): (RealmId, bool),
    comments: &[TicketCommentId],
) -> Result<Vec<Row>, Error> {
    let with = format!("{} order by id", each(notes, "realm_id = $1 and comment_id = any($2)"));
    let comments: Vec<Uuid> = comments.iter().map(|comment| comment.uuid()).collect();
    Ok(sqlx::query_as(AssertSqlSafe(with)).bind(realm).bind(comments).fetch_all(db).await?)
}

fn each(notes: bool, condition: &str) -> String {
    let columns = "realm_id, id, ticket_id, uploaded_by, name, media_type, size, sealed_for, created_at, comment_id";
    let of = |public| format!("select {columns} from {} where {condition}", table(public));
    if notes { format!("{} union all {}", of(true), of(false)) } else { of(true) }
}

/// Drops files that nothing has named for a day.
pub async fn drop_stale(db: impl PgExecutor<'_>, clock: &Clock) -> Result<(), Error> {
    let stale = "delete from ticket_uploads u using (
                   select realm_id, id from ticket_uploads where created_at <= coalesce($1, statement_timestamp()) - $2
                   order by created_at limit $3 for update skip locked) as stale
                 where u.realm_id = stale.realm_id and u.id = stale.id";
    sqlx::query(stale).bind(clock.shared()).bind(WAITS).bind(BATCH).execute(db).await?;
    Ok(())
}

/// Where the bytes of `files` lie.
#[must_use]
pub fn places(realm: RealmId, files: &[AttachmentId]) -> Vec<String> {
    files.iter().map(|file| place(realm, *file)).collect()
}

fn uuids(files: &[AttachmentId]) -> Vec<Uuid> {
    files.iter().map(|file| file.uuid()).collect()
}
