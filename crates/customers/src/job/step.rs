//! Records that a service has done its part of a job.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{JobId, RealmId},
};
use sqlx::types::Json;

use super::{Job, job::Part, store};
use crate::Error;

/// What a service says that it has done.
#[derive(Clone, Debug)]
pub struct Step {
    /// Customer base.
    pub realm: RealmId,
    /// The job.
    pub job: JobId,
    /// Which service.
    pub service: String,
    /// How many things of each kind were seen to.
    pub counts: BTreeMap<String, i64>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Records a step; its repetition changes nothing. Answers the job when this was its last one.
pub async fn record_step(tx: &mut Tx, step: Step, now: DateTime<Utc>) -> Result<Option<Job>, Error> {
    // Steps of one job come from several streams: one after the other, so that one of them sees itself to be the last.
    let Some(mut job) = store::lock(tx, step.realm, step.job).await? else { return Ok(None) };
    let part = Part { service: step.service, counts: Json(step.counts), at: step.at };
    let done = store::add_part(tx, &job, &part).await?;
    if !job.advance(&part.service, done, now) {
        return Ok(None);
    }
    store::save(tx, &job).await?;
    Ok(Some(job).filter(|job| job.ended_at.is_some()))
}

/// Records what customers itself has done of `job`, which nobody waits for: it is done when the job begins.
pub(crate) async fn record_own(
    tx: &mut Tx,
    job: &Job,
    counts: BTreeMap<String, i64>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    store::add_part(tx, job, &Part { service: crate::NAME.to_owned(), counts: Json(counts), at: now }).await?;
    Ok(())
}
