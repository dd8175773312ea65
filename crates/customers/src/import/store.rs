//! All SQL of imports.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::Clock,
    ids::{CustomerId, ImportId, RealmId, StoreId},
};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::{
    fault::Fault,
    import::{Import, LISTED, Outcome},
};
use crate::Error;

/// Files that are removed at once.
const BATCH: i64 = 100;

/// What became of a line, and of whom.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    /// Of the file.
    pub line: i64,
    /// Whose record it was about.
    #[sqlx(rename = "customer_id")]
    pub customer: Option<CustomerId>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused, a slug.
    pub reason: String,
}

/// A fault as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct KeptFault {
    /// Line of the file.
    pub line: i64,
    /// Number of the column, 0 for the whole line.
    pub place: i32,
    /// What is wrong.
    pub code: String,
    /// Whether the row is not taken for it.
    pub refuses: bool,
}

/// Adds an import.
pub async fn insert(db: &mut PgConnection, import: &Import) -> Result<(), Error> {
    sqlx::query(
        "insert into imports (realm_id, id, store_id, state, columns, fields, empty, country, tags, encoding, delimiter,
           rows, first_byte, first_line, next_byte, next_line, file, size, created_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $13, $14, $15, $16, $17, $18, $19)",
    )
    .bind(import.realm)
    .bind(import.id)
    .bind(import.store)
    .bind(import.state)
    .bind(&import.columns)
    .bind(&import.fields)
    .bind(import.empty)
    .bind(&import.country)
    .bind(&import.tags)
    .bind(&import.encoding)
    .bind(&import.delimiter)
    .bind(import.rows)
    .bind(import.first_byte)
    .bind(import.first_line)
    .bind(&import.file)
    .bind(import.size)
    .bind(&import.created_by)
    .bind(import.created_at)
    .bind(import.expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// The import `id` of `realm`.
pub async fn find(db: impl PgExecutor<'_>, realm: RealmId, id: ImportId) -> Result<Option<Import>, Error> {
    let found = sqlx::query_as("select * from imports where realm_id = $1 and id = $2 and forget_at is null");
    Ok(found.bind(realm).bind(id).fetch_optional(db).await?)
}

/// The same, locked until the transaction ends.
pub async fn lock(db: &mut PgConnection, realm: RealmId, id: ImportId) -> Result<Option<Import>, Error> {
    let found = sqlx::query_as("select * from imports where realm_id = $1 and id = $2 for update");
    Ok(found.bind(realm).bind(id).fetch_optional(db).await?)
}

/// The newest of a place.
pub async fn of_place(
    db: impl PgExecutor<'_>,
    (realm, store): (RealmId, Option<StoreId>),
) -> Result<Vec<Import>, Error> {
    let found = "select * from imports
                 where realm_id = $1 and store_id is not distinct from $2 and forget_at is null
                 order by id desc limit $3";
    Ok(sqlx::query_as(found).bind(realm).bind(store).bind(LISTED).fetch_all(db).await?)
}

/// Has whoever else adds an import to this customer base wait until the transaction ends.
pub async fn hold(db: &mut PgConnection, realm: RealmId) -> Result<(), Error> {
    let hold = "select pg_advisory_xact_lock(hashtextextended('imports ' || current_schema() || $1::text, 0))";
    sqlx::query(hold).bind(realm).execute(db).await?;
    Ok(())
}

/// How many of a customer base have not ended.
pub async fn open(db: impl PgExecutor<'_>, realm: RealmId) -> Result<i64, Error> {
    let open = "select count(*) from imports where realm_id = $1 and ended_at is null";
    Ok(sqlx::query_scalar(open).bind(realm).fetch_one(db).await?)
}

/// Lets go of those that have ended, but for the newest.
pub async fn retire(db: &mut PgConnection, realm: RealmId, now: DateTime<Utc>) -> Result<(), Error> {
    let retire = "update imports set forget_at = $3 where realm_id = $1 and ended_at is not null and forget_at is null
                    and id not in (select id from imports where realm_id = $1 and forget_at is null
                                   order by id desc limit $2)";
    sqlx::query(retire).bind(realm).bind(LISTED - 1).bind(now).execute(db).await?;
    Ok(())
}

/// Writes how it is read, how far it is and what becomes of it.
pub async fn save(db: &mut PgConnection, import: &Import) -> Result<(), Error> {
    sqlx::query(
        "update imports set (state, fields, empty, country, tags, done, created, changed, unchanged, refused, superseded,
           warnings, next_byte, next_line, failure, started_by, attempts, due_at, version, ended_at)
         = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
         where realm_id = $1 and id = $2",
    )
    .bind(import.realm)
    .bind(import.id)
    .bind(import.state)
    .bind(&import.fields)
    .bind(import.empty)
    .bind(&import.country)
    .bind(&import.tags)
    .bind(import.done)
    .bind(import.created)
    .bind(import.changed)
    .bind(import.unchanged)
    .bind(import.refused)
    .bind(import.superseded)
    .bind(import.warnings)
    .bind(import.next_byte)
    .bind(import.next_line)
    .bind(&import.failure)
    .bind(&import.started_by)
    .bind(import.attempts)
    .bind(import.due_at)
    .bind(import.version)
    .bind(import.ended_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Takes up an import that is due; for as long as `lease` nobody else does.
pub async fn claim(db: impl PgExecutor<'_>, clock: &Clock, lease: TimeDelta) -> Result<Option<Import>, Error> {
    let claimed = sqlx::query_as(
        "update imports i set attempts = i.attempts + 1, due_at = coalesce($1, statement_timestamp()) + $2
         from (select realm_id, id from imports where due_at <= coalesce($1, statement_timestamp())
               order by due_at limit 1 for update skip locked) as due
         where i.realm_id = due.realm_id and i.id = due.id returning i.*",
    );
    Ok(claimed.bind(clock.shared()).bind(lease).fetch_optional(db).await?)
}

/// Says that it got on, and keeps it from others for another `lease`.
pub async fn advance(db: &mut PgConnection, import: &Import, clock: &Clock, lease: TimeDelta) -> Result<(), Error> {
    let advance = "update imports set attempts = 1, due_at = coalesce($3, statement_timestamp()) + $4
                   where realm_id = $1 and id = $2 and due_at is not null";
    let advance = sqlx::query(advance).bind(import.realm).bind(import.id).bind(clock.shared()).bind(lease);
    advance.execute(db).await?;
    Ok(())
}

/// Keeps what became of lines.
pub async fn keep_lines(db: &mut PgConnection, import: &Import, lines: &[Line]) -> Result<(), Error> {
    let keep = "insert into import_lines (realm_id, import_id, line, customer_id, outcome, reason)
                select $1, $2, * from unnest($3::bigint[], $4::uuid[], $5::text[], $6::text[])";
    let keep = sqlx::query(keep).bind(import.realm).bind(import.id);
    let keep = keep.bind(lines.iter().map(|line| line.line).collect::<Vec<_>>());
    let keep = keep.bind(lines.iter().map(|line| line.customer.map(CustomerId::uuid)).collect::<Vec<Option<Uuid>>>());
    let keep = keep.bind(lines.iter().map(|line| line.outcome.slug().to_owned()).collect::<Vec<_>>());
    keep.bind(lines.iter().map(|line| line.reason.clone()).collect::<Vec<_>>()).execute(db).await?;
    Ok(())
}

/// Up to `most` of the lines behind `after`.
pub async fn lines(db: impl PgExecutor<'_>, import: &Import, after: i64, most: i64) -> Result<Vec<Line>, Error> {
    let lines = "select line, customer_id, outcome, reason from import_lines
                 where realm_id = $1 and import_id = $2 and line > $3 order by line limit $4";
    Ok(sqlx::query_as(lines).bind(import.realm).bind(import.id).bind(after).bind(most).fetch_all(db).await?)
}

/// Keeps what is wrong with lines.
pub async fn keep_faults(db: &mut PgConnection, import: &Import, faults: &[(i64, Fault)]) -> Result<(), Error> {
    let keep = "insert into import_faults (realm_id, import_id, line, place, code, refuses)
                select $1, $2, * from unnest($3::bigint[], $4::integer[], $5::text[], $6::boolean[])
                on conflict do nothing";
    let keep = sqlx::query(keep).bind(import.realm).bind(import.id);
    let keep = keep.bind(faults.iter().map(|(line, _)| *line).collect::<Vec<_>>());
    let keep = keep.bind(faults.iter().map(|(_, fault)| fault.place).collect::<Vec<_>>());
    let keep = keep.bind(faults.iter().map(|(_, fault)| fault.code.to_owned()).collect::<Vec<_>>());
    keep.bind(faults.iter().map(|(_, fault)| fault.refuses).collect::<Vec<_>>()).execute(db).await?;
    Ok(())
}

/// Forgets what was wrong, because it is found out anew.
pub async fn drop_faults(db: &mut PgConnection, import: &Import) -> Result<(), Error> {
    let drop = sqlx::query("delete from import_faults where realm_id = $1 and import_id = $2");
    drop.bind(import.realm).bind(import.id).execute(db).await?;
    Ok(())
}

/// Faults from a place on, in the order of the lines or against it.
pub async fn faults(
    db: impl PgExecutor<'_>,
    import: &Import,
    (from, forward): (Option<(i64, i32, String)>, bool),
    most: i64,
) -> Result<Vec<KeptFault>, Error> {
    let faults = if forward {
        "select line, place, code, refuses from import_faults
         where realm_id = $1 and import_id = $2 and ($3::bigint is null or (line, place, code) > ($3, $4, $5))
         order by line, place, code limit $6"
    } else {
        "select line, place, code, refuses from import_faults
         where realm_id = $1 and import_id = $2 and ($3::bigint is null or (line, place, code) < ($3, $4, $5))
         order by line desc, place desc, code desc limit $6"
    };
    let (line, place, code) = from.map_or((None, 0, String::new()), |(line, place, code)| (Some(line), place, code));
    let faults = sqlx::query_as(faults).bind(import.realm).bind(import.id).bind(line).bind(place).bind(code);
    Ok(faults.bind(most).fetch_all(db).await?)
}

/// Imports that have ended, whose time is over at `now`, or in which somebody may be who was forgotten since, with their
/// file still there; and those whose headings are, which may be what was thought to be headings.
pub async fn outlived(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<Vec<Import>, Error> {
    let outlived = sqlx::query_as(
        "select * from imports i where file <> '' and (ended_at is not null or expires_at <= $1)
            or (file <> '' or columns <> '{}') and exists (
              select from customer_keys k where k.realm_id = i.realm_id and k.destroyed_at >= i.created_at)
         limit $2",
    );
    Ok(outlived.bind(now).bind(BATCH).fetch_all(db).await?)
}

/// Whether somebody was forgotten since it was uploaded, who may be in it.
pub async fn is_withdrawn(db: &mut PgConnection, import: &Import) -> Result<bool, Error> {
    let withdrawn = "select exists (select from customer_keys where realm_id = $1 and destroyed_at >= $2)";
    Ok(sqlx::query_scalar(withdrawn).bind(import.realm).bind(import.created_at).fetch_one(db).await?)
}

/// Forgets the file of an import, whose bytes belong to nobody since, and its headings where somebody in it may have been
/// `withdrawn`.
pub async fn forget_file(db: &mut PgConnection, import: &Import, withdrawn: bool) -> Result<(), Error> {
    let forget = sqlx::query(
        "update imports set file = '', size = 0, columns = case when $3 then '{}' else columns end,
           fields = case when $3 then '{}' else fields end
         where realm_id = $1 and id = $2",
    );
    forget.bind(import.realm).bind(import.id).bind(withdrawn).execute(db).await?;
    Ok(())
}

/// Drops an import that was let go of, one of them: it may have many lines.
pub async fn forget(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<u64, Error> {
    let forget = "delete from imports i using (
                    select realm_id, id from imports where forget_at <= $1 and file = '' order by forget_at limit 1) as old
                  where i.realm_id = old.realm_id and i.id = old.id";
    Ok(sqlx::query(forget).bind(now).execute(db).await?.rows_affected())
}
