//! Stops a job. What was done stays done.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
};

use super::{Job, State, store};
use crate::{
    Error,
    bulk::{store as bulk, work::ended},
};

/// The job as it is since. One that is at it ends with the few that are under way.
pub async fn cancel_job(tx: &mut Tx, call: &Call, job: &Job, now: DateTime<Utc>) -> Result<Job, Error> {
    let mut job = store::lock(tx, job.realm, job.id).await?.ok_or(Error::JobNotFound)?;
    // Others wait for the rest of these.
    if !job.is_alone() {
        return Err(Error::JobNotCancellable);
    }
    if job.state == State::Cancelled {
        return Ok(job);
    }
    if job.ended_at.is_some() {
        return Err(Error::JobEnded);
    }
    job.finish(State::Cancelled, "", now);
    store::save(tx, &job).await?;
    bulk::end(tx, (job.realm, job.id), now).await?;
    let entry = Entry::new("job.cancelled", ("job", job.id), now).created(ended(&job));
    audit::record(tx, call, entry)?;
    Ok(job)
}
