//! All SQL of changes to many.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Call,
    clock::Clock,
    ids::{CustomerId, JobId, RealmId},
};
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor, types::Json};

use super::{Action, Change, bulk::Asker};
use crate::{Error, job::Job};

/// For how many days a report is kept, and what an audit has found; a clean-up is told of for a year.
const KEPT: &str = "case action when 'cleanup' then 365 when 'audit' then 90 else 30 end";

/// What a job begins with.
#[derive(Clone, Copy, Debug)]
pub struct Begun<'a> {
    /// What is done to each.
    pub change: &'a Change,
    /// On whose word; nobody's when it was time.
    pub asker: Option<&'a Asker>,
    /// To whom.
    pub ids: &'a [CustomerId],
}

/// A change that was taken up.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Bulk {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    #[sqlx(rename = "job_id")]
    pub(crate) job: JobId,
    pub(crate) action: Action,
    added: Vec<String>,
    removed: Vec<String>,
    reason: String,
    asker: Option<Json<Asker>>,
    pub(crate) attempts: i32,
}

impl Bulk {
    /// What is done to each.
    #[must_use]
    pub fn change(&self) -> Change {
        let (add, remove) = (self.added.clone(), self.removed.clone());
        Change { action: self.action, add, remove, reason: self.reason.clone() }
    }

    /// A call as whoever asked for it would have sent it.
    pub fn call(&self) -> Result<Call, Error> {
        let nobody = || kit::Error::Internal("nobody asked for this".to_owned());
        self.asker.as_ref().ok_or_else(nobody)?.call()
    }

    /// Who asked for it.
    #[must_use]
    pub fn asked_by(&self) -> String {
        self.asker.as_ref().map(|asker| asker.subject().to_owned()).unwrap_or_default()
    }
}

/// Adds what `job` is about; it is due at once.
pub async fn insert(db: &mut PgConnection, job: &Job, begun: &Begun<'_>) -> Result<(), Error> {
    let insert = "insert into bulk_changes (realm_id, job_id, action, added, removed, reason, asker, due_at)
                  values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let insert = sqlx::query(insert).bind(job.realm).bind(job.id).bind(begun.change.action).bind(&begun.change.add);
    let insert = insert.bind(&begun.change.remove).bind(&begun.change.reason).bind(begun.asker.map(Json));
    insert.bind(job.created_at).execute(&mut *db).await?;
    let targets = "insert into bulk_targets (realm_id, job_id, customer_id) select $1, $2, unnest($3::uuid[])";
    sqlx::query(targets).bind(job.realm).bind(job.id).bind(begun.ids).execute(db).await?;
    Ok(())
}

/// How many changes of a customer base have not ended.
pub async fn waiting(db: impl PgExecutor<'_>, realm: RealmId) -> Result<i64, Error> {
    let waiting = "select count(*) from bulk_changes where realm_id = $1 and action <> 'audit' and due_at is not null";
    Ok(sqlx::query_scalar(waiting).bind(realm).fetch_one(db).await?)
}

/// Takes up a change, or an audit, that is due; for as long as `lease` nobody else does.
pub async fn claim(
    db: impl PgExecutor<'_>,
    clock: &Clock,
    (audit, lease): (bool, TimeDelta),
) -> Result<Option<Bulk>, Error> {
    let claimed = sqlx::query_as(
        "update bulk_changes b set attempts = b.attempts + 1, due_at = coalesce($1, statement_timestamp()) + $2
         from (select realm_id, job_id from bulk_changes
               where (action = 'audit') = $3 and due_at <= coalesce($1, statement_timestamp())
               order by due_at limit 1 for update skip locked) as due
         where b.realm_id = due.realm_id and b.job_id = due.job_id returning b.*",
    );
    Ok(claimed.bind(clock.shared()).bind(lease).bind(audit).fetch_optional(db).await?)
}

/// The next of those whom nobody has tried yet, in the order of their ids.
pub async fn next(db: impl PgExecutor<'_>, bulk: &Bulk, most: i64) -> Result<Vec<CustomerId>, Error> {
    let next = "select customer_id from bulk_targets where realm_id = $1 and job_id = $2 and outcome is null
                order by customer_id limit $3";
    Ok(sqlx::query_scalar(next).bind(bulk.realm).bind(bulk.job).bind(most).fetch_all(db).await?)
}

/// Keeps what came of these: a slug, or nothing when it was done.
pub async fn keep(db: &mut PgConnection, bulk: &Bulk, outcomes: &[(CustomerId, &'static str)]) -> Result<(), Error> {
    let (ids, slugs): (Vec<CustomerId>, Vec<String>) =
        outcomes.iter().map(|(id, slug)| (*id, (*slug).to_owned())).unzip();
    let keep = "update bulk_targets t set outcome = o.slug from unnest($3::uuid[], $4::text[]) as o (id, slug)
                where t.realm_id = $1 and t.job_id = $2 and t.customer_id = o.id";
    sqlx::query(keep).bind(bulk.realm).bind(bulk.job).bind(ids).bind(slugs).execute(db).await?;
    Ok(())
}

/// Says that it got on, and keeps it from others for another `lease`.
pub async fn advance(db: &mut PgConnection, bulk: &Bulk, clock: &Clock, lease: TimeDelta) -> Result<(), Error> {
    let advance = "update bulk_changes set attempts = 1, due_at = coalesce($3, statement_timestamp()) + $4
                   where realm_id = $1 and job_id = $2 and due_at is not null";
    let advance = sqlx::query(advance).bind(bulk.realm).bind(bulk.job).bind(clock.shared()).bind(lease);
    advance.execute(db).await?;
    Ok(())
}

/// Lets go of a change that ended at `now`: who asked for it, and why, is in the audit. The report stays for a while.
pub async fn end(db: &mut PgConnection, (realm, job): (RealmId, JobId), now: DateTime<Utc>) -> Result<(), Error> {
    let end = format!(
        "update bulk_changes set due_at = null, asker = null, reason = '', added = '{{}}', removed = '{{}}',
           forget_at = $3 + make_interval(days => {KEPT})
         where realm_id = $1 and job_id = $2"
    );
    sqlx::query(AssertSqlSafe(end)).bind(realm).bind(job).bind(now).execute(&mut *db).await?;
    // Of a clean-up that is stopped before everybody who went is kept out, nobody's address stays.
    let forget = "update account_cleanups set gone = null where realm_id = $1 and job_id = $2 and gone is not null";
    sqlx::query(forget).bind(realm).bind(job).execute(db).await?;
    Ok(())
}

/// Drops a change whose report was kept long enough, one of them: it may have many targets.
pub async fn forget(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<u64, Error> {
    let forget = "delete from bulk_changes b using (
                    select realm_id, job_id from bulk_changes where forget_at <= $1 order by forget_at limit 1) as old
                  where b.realm_id = old.realm_id and b.job_id = old.job_id";
    Ok(sqlx::query(forget).bind(now).execute(db).await?.rows_affected())
}

/// Whether there still is what `job` was about.
pub async fn is_kept(db: impl PgExecutor<'_>, job: &Job) -> Result<bool, Error> {
    let kept = "select exists (select from bulk_changes where realm_id = $1 and job_id = $2)";
    Ok(sqlx::query_scalar(kept).bind(job.realm).bind(job.id).fetch_one(db).await?)
}

/// Up to `most` of those it could not be done to, behind `after`.
pub async fn refused(
    db: impl PgExecutor<'_>,
    job: &Job,
    after: CustomerId,
    most: i64,
) -> Result<Vec<(CustomerId, String)>, Error> {
    let refused = "select customer_id, outcome from bulk_targets
                   where realm_id = $1 and job_id = $2 and outcome <> '' and customer_id > $3
                   order by customer_id limit $4";
    Ok(sqlx::query_as(refused).bind(job.realm).bind(job.id).bind(after).bind(most).fetch_all(db).await?)
}
