//! All SQL of jobs.
use kit::ids::{JobId, RealmId};
use sqlx::{PgConnection, PgExecutor};

use super::{Job, job::Part};
use crate::Error;

/// Adds a job.
pub async fn insert(db: &mut PgConnection, job: &Job) -> Result<(), Error> {
    sqlx::query(
        "insert into jobs (realm_id, id, kind, state, customer_id, done, total, services, created_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
    )
    .bind(job.realm)
    .bind(job.id)
    .bind(job.kind)
    .bind(job.state)
    .bind(job.customer)
    .bind(job.done)
    .bind(job.total)
    .bind(&job.services)
    .bind(&job.created_by)
    .bind(job.created_at)
    .execute(db)
    .await?;
    Ok(())
}

/// One job.
pub async fn find(db: impl PgExecutor<'_>, realm: RealmId, id: JobId) -> Result<Option<Job>, Error> {
    let job = sqlx::query_as("select * from jobs where realm_id = $1 and id = $2");
    Ok(job.bind(realm).bind(id).fetch_optional(db).await?)
}

/// One job, locked until the transaction ends.
pub async fn lock(db: &mut PgConnection, realm: RealmId, id: JobId) -> Result<Option<Job>, Error> {
    let job = sqlx::query_as("select * from jobs where realm_id = $1 and id = $2 for update");
    Ok(job.bind(realm).bind(id).fetch_optional(db).await?)
}

/// Writes how far a job is.
pub async fn save(db: &mut PgConnection, job: &Job) -> Result<(), Error> {
    let save = "update jobs set state = $3, done = $4, total = $5, failure = $6, updated_at = $7, ended_at = $8,
                  refused = $9 where realm_id = $1 and id = $2";
    let save = sqlx::query(save).bind(job.realm).bind(job.id).bind(job.state).bind(job.done).bind(job.total);
    save.bind(&job.failure).bind(job.updated_at).bind(job.ended_at).bind(job.refused).execute(db).await?;
    Ok(())
}

/// Keeps what a service has done, once; answers how many of those that are waited for have done theirs.
pub async fn add_part(db: &mut PgConnection, job: &Job, part: &Part) -> Result<i64, Error> {
    let add = "insert into job_steps (realm_id, job_id, service, counts, at) values ($1, $2, $3, $4, $5)
               on conflict do nothing";
    let add = sqlx::query(add).bind(job.realm).bind(job.id).bind(&part.service).bind(&part.counts);
    add.bind(part.at).execute(&mut *db).await?;
    let done =
        sqlx::query_scalar("select count(*) from job_steps where realm_id = $1 and job_id = $2 and service = any($3)");
    Ok(done.bind(job.realm).bind(job.id).bind(&job.services).fetch_one(db).await?)
}

/// What the services have done, in the order of their telling.
pub async fn parts(db: impl PgExecutor<'_>, job: &Job) -> Result<Vec<Part>, Error> {
    let parts = "select service, counts, at from job_steps where realm_id = $1 and job_id = $2 order by at, service";
    Ok(sqlx::query_as(parts).bind(job.realm).bind(job.id).fetch_all(db).await?)
}
