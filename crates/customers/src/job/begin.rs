//! Begins a job that several services take part in.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    ids::{CustomerId, JobId, RealmId},
};

use super::{Job, Kind, State, store};
use crate::Error;

/// A job to begin.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Customer base.
    pub realm: RealmId,
    /// What is done.
    pub kind: Kind,
    /// Whom it concerns.
    pub customer: CustomerId,
    /// Services that have to do their part; each of them says `StepDone`.
    pub services: &'static [&'static str],
    /// `stf_…`, `akey_…`, `cus_…` or the name of a service.
    pub created_by: String,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// Begins a job. It ends when every one of its services has said that its part is done.
pub async fn begin(tx: &mut Tx, new: NewJob) -> Result<Job, Error> {
    let job = Job {
        realm: new.realm,
        id: JobId::new(new.now),
        kind: new.kind,
        state: State::Running,
        customer: Some(new.customer),
        done: 0,
        total: i64::try_from(new.services.len()).unwrap_or(i64::MAX),
        refused: 0,
        services: new.services.iter().map(|&service| service.to_owned()).collect(),
        failure: String::new(),
        created_by: new.created_by,
        created_at: new.now,
        updated_at: new.now,
        ended_at: None,
    };
    store::insert(tx, &job).await?;
    Ok(job)
}
