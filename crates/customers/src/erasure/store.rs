//! All SQL of erasures and closures.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    clock::Clock,
    ids::{JobId, StoreId},
};
use sqlx::{PgConnection, PgExecutor};

use super::whom::Id;
use crate::Error;

/// Remembers that somebody was erased, by which job, and for a while who it was.
pub async fn insert(
    db: &mut PgConnection,
    (realm, customer): Id,
    (job, whom): (JobId, Vec<u8>),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query("insert into erased_customers (realm_id, id, at, job_id, whom) values ($1, $2, $3, $4, $5)")
        .bind(realm)
        .bind(customer)
        .bind(now)
        .bind(job)
        .bind(whom)
        .execute(&mut *db)
        .await?;
    Ok(())
}

/// The stores that know somebody.
pub async fn known_in(db: impl PgExecutor<'_>, (realm, customer): Id) -> Result<Vec<StoreId>, Error> {
    let known = "select store_id from customer_stores where realm_id = $1 and customer_id = $2 order by store_id";
    Ok(sqlx::query_scalar(known).bind(realm).bind(customer).fetch_all(db).await?)
}

/// The job by which somebody was erased.
pub async fn job_of(db: impl PgExecutor<'_>, (realm, customer): Id) -> Result<Option<JobId>, Error> {
    let job = sqlx::query_scalar("select job_id from erased_customers where realm_id = $1 and id = $2");
    Ok(job.bind(realm).bind(customer).fetch_optional(db).await?)
}

/// Who an erased person was, as long as that is kept.
pub async fn whom(db: impl PgExecutor<'_>, (realm, customer): Id) -> Result<Option<Vec<u8>>, Error> {
    let whom: Option<Option<Vec<u8>>> =
        sqlx::query_scalar("select whom from erased_customers where realm_id = $1 and id = $2")
            .bind(realm)
            .bind(customer)
            .fetch_optional(db)
            .await?;
    Ok(whom.flatten())
}

/// Forgets who it was.
pub async fn forget_whom(db: impl PgExecutor<'_>, (realm, customer): Id) -> Result<(), Error> {
    let forget = sqlx::query("update erased_customers set whom = null where realm_id = $1 and id = $2");
    forget.bind(realm).bind(customer).execute(db).await?;
    Ok(())
}

/// Remembers that somebody closed their account, once.
pub async fn note_closure(
    db: &mut PgConnection,
    (realm, customer): Id,
    at: DateTime<Utc>,
    clock: &Clock,
) -> Result<(), Error> {
    let note = "insert into closures (realm_id, customer_id, at, next_try_at)
                values ($1, $2, $3, coalesce($4, statement_timestamp())) on conflict do nothing";
    sqlx::query(note).bind(realm).bind(customer).bind(at).bind(clock.shared()).execute(db).await?;
    Ok(())
}

/// Closures to look at; nobody else does for the time of `pause`.
pub async fn take_closures(db: impl PgExecutor<'_>, clock: &Clock, pause: TimeDelta) -> Result<Vec<Id>, Error> {
    let due = "update closures c set next_try_at = coalesce($1, statement_timestamp()) + $2
               from (select realm_id, customer_id from closures where next_try_at <= coalesce($1, statement_timestamp())
                     order by next_try_at limit 20 for update skip locked) as due
               where c.realm_id = due.realm_id and c.customer_id = due.customer_id
               returning c.realm_id, c.customer_id";
    Ok(sqlx::query_as(due).bind(clock.shared()).bind(pause).fetch_all(db).await?)
}

/// Forgets a closure that was carried out.
pub async fn forget_closure(db: impl PgExecutor<'_>, (realm, customer): Id) -> Result<(), Error> {
    let forget = sqlx::query("delete from closures where realm_id = $1 and customer_id = $2");
    forget.bind(realm).bind(customer).execute(db).await?;
    Ok(())
}
