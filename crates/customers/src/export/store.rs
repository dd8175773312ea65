//! All SQL of exports.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::Clock,
    ids::{ExportId, RealmId},
};
use sqlx::{PgConnection, PgExecutor};

use super::export::Export;
use crate::Error;

/// Files that are removed at once.
const BATCH: i64 = 100;

/// Adds an export that is due at once.
pub async fn insert(db: &mut PgConnection, export: &Export) -> Result<(), Error> {
    sqlx::query(
        "insert into exports (realm_id, id, store_id, kind, format, search, filter, columns, pii, state, due_at,
                              created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11)",
    )
    .bind(export.realm)
    .bind(export.id)
    .bind(export.store)
    .bind(export.kind)
    .bind(export.format)
    .bind(&export.search)
    .bind(&export.tree)
    .bind(&export.columns)
    .bind(export.pii)
    .bind(export.state)
    .bind(export.created_at)
    .bind(&export.created_by)
    .execute(db)
    .await?;
    Ok(())
}

/// The export `id` of `realm`.
pub async fn find(db: impl PgExecutor<'_>, realm: RealmId, id: ExportId) -> Result<Option<Export>, Error> {
    let found = "select * from exports where realm_id = $1 and id = $2";
    Ok(sqlx::query_as(found).bind(realm).bind(id).fetch_optional(db).await?)
}

/// The newest of whoever asked for them.
pub async fn of_creator(db: impl PgExecutor<'_>, realm: RealmId, creator: &str) -> Result<Vec<Export>, Error> {
    let found = "select * from exports where realm_id = $1 and created_by = $2 order by id desc limit 25";
    Ok(sqlx::query_as(found).bind(realm).bind(creator).fetch_all(db).await?)
}

/// The export whose link somebody has, with whether it may still be read: not once somebody was forgotten since it was
/// asked for. Links name no customer base; ids are unique everywhere.
pub async fn linked(db: impl PgExecutor<'_>, id: ExportId) -> Result<Option<(Export, bool)>, Error> {
    #[derive(sqlx::FromRow)]
    struct Linked {
        #[sqlx(flatten)]
        export: Export,
        outlived: bool,
    }
    let found: Option<Linked> = sqlx::query_as(
        "select e.*, exists (select from customer_keys k where k.realm_id = e.realm_id and k.destroyed_at >= e.created_at)
           as outlived
         from exports e where e.id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await?;
    Ok(found.map(|linked| (linked.export, linked.outlived)))
}

/// How many of a customer base are not written yet.
pub async fn waiting(db: impl PgExecutor<'_>, realm: RealmId) -> Result<i64, Error> {
    let waiting = "select count(*) from exports where realm_id = $1 and due_at is not null";
    Ok(sqlx::query_scalar(waiting).bind(realm).fetch_one(db).await?)
}

/// Takes up an export that is due, and keeps it from others for as long as `lease`.
pub async fn claim(db: impl PgExecutor<'_>, clock: &Clock, lease: TimeDelta) -> Result<Option<Export>, Error> {
    let claimed = sqlx::query_as(
        "update exports e set attempts = e.attempts + 1, state = 'running', done = 0,
           due_at = coalesce($1, statement_timestamp()) + $2
         from (select realm_id, id from exports where due_at <= coalesce($1, statement_timestamp())
               order by due_at limit 1 for update skip locked) as due
         where e.realm_id = due.realm_id and e.id = due.id returning e.*",
    );
    Ok(claimed.bind(clock.shared()).bind(lease).fetch_optional(db).await?)
}

/// Says how far it is; `false` when somebody else has taken it up since.
pub async fn advance(db: impl PgExecutor<'_>, export: &Export) -> Result<bool, Error> {
    let advanced = sqlx::query(
        "update exports set done = $4, total = $5
         where realm_id = $1 and id = $2 and attempts = $3 and state = 'running'",
    );
    let advanced = advanced.bind(export.realm).bind(export.id).bind(export.attempts).bind(export.done);
    Ok(advanced.bind(export.total).execute(db).await?.rows_affected() == 1)
}

/// Keeps an export, as it was taken up, for another `lease`; `false` when somebody else has taken it up since.
pub async fn renew(
    db: impl PgExecutor<'_>,
    (realm, id, attempts): (RealmId, ExportId, i32),
    clock: &Clock,
    lease: TimeDelta,
) -> Result<bool, Error> {
    let renewed = sqlx::query(
        "update exports set due_at = coalesce($4, statement_timestamp()) + $5
         where realm_id = $1 and id = $2 and attempts = $3 and state = 'running'",
    );
    let renewed = renewed.bind(realm).bind(id).bind(attempts).bind(clock.shared()).bind(lease);
    Ok(renewed.execute(db).await?.rows_affected() == 1)
}

/// Keeps how an export ended; `false` when somebody else has taken it up since.
pub async fn end(db: &mut PgConnection, export: &Export) -> Result<bool, Error> {
    let ended = sqlx::query(
        "update exports set state = $4, done = $5, total = $6, failure = $7, file = $8, size = $9, ended_at = $10,
           expires_at = $11, due_at = null
         where realm_id = $1 and id = $2 and attempts = $3 and state = 'running'",
    );
    let ended = ended.bind(export.realm).bind(export.id).bind(export.attempts).bind(export.state).bind(export.done);
    let ended = ended.bind(export.total).bind(&export.failure).bind(&export.file).bind(export.size);
    Ok(ended.bind(export.ended_at).bind(export.expires_at).execute(db).await?.rows_affected() == 1)
}

/// Exports whose time is over at `now`, or in which somebody may be who was forgotten since, with something left of them.
pub async fn outlived(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<Vec<Export>, Error> {
    let outlived = sqlx::query_as(
        "select * from exports e where ended_at is not null and (file <> '' or search <> '' or filter is not null)
           and (expires_at <= $1 or exists (
             select from customer_keys k where k.realm_id = e.realm_id and k.destroyed_at >= e.created_at))
         limit $2",
    );
    Ok(outlived.bind(now).bind(BATCH).fetch_all(db).await?)
}

/// Forgets the file of an export, and what was searched for.
pub async fn forget(db: impl PgExecutor<'_>, export: &Export) -> Result<(), Error> {
    let forget = "update exports set file = '', search = '', filter = null where realm_id = $1 and id = $2";
    sqlx::query(forget).bind(export.realm).bind(export.id).execute(db).await?;
    Ok(())
}
