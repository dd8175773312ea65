//! Carries changes to many out, a few at a time: what is done and that it is done are one transaction, so that nothing is
//! done twice, whoever dies at it.
use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    Call, Db, Tx,
    audit::{self, Entry, json},
    clock::Clock,
    failure::Failure,
    ids::CustomerId,
    secret::Secrets,
    service::Env,
};
use proto::customers::v1::EraseCustomerRequest;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{
    Action, Change,
    store::{self, Bulk},
};
use crate::{
    Error, NAME,
    account::{self, begin::begin_due, witness::Witnesses},
    cleanup,
    erasure::{
        erase::{EraseCustomer, erase_customer},
        peers::Peers,
    },
    job::{self, Job, State},
    key::Keys,
};

/// Customers that are changed in one transaction …
const CHANGED: i64 = 50;
/// … and those that are erased in one, of which each is more work.
pub(crate) const ERASED: i64 = 10;
/// How long a change that was taken up is kept from others; each few take far less.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How often a change is taken up again that does not get on.
const TRIES: i32 = 5;

/// Carries changes out. Clones share everything.
#[derive(Clone)]
pub struct Worker {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    keys: Keys,
    peers: Peers,
    pub(crate) witnesses: Witnesses,
}

/// What came of one: a slug, or nothing when it was done.
pub(crate) type Outcome = (CustomerId, &'static str);

/// Looks accounts through until `stop`: when `asked` tells of a new audit, and each second.
pub async fn audit(worker: Worker, asked: Arc<Notify>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match stop.run_until_cancelled(Box::pin(worker.audit_one())).await {
            Some(Ok(true)) => continue,
            Some(Ok(false)) | None => {}
            Some(Err(error)) => tracing::warn!(error.detail = ?error, "audits of accounts wait"),
        }
        let _ = stop.run_until_cancelled(tokio::time::timeout(Duration::from_secs(1), asked.notified())).await;
    }
}

/// Carries out what is due until `stop`: when `asked` tells of something new, and each second.
pub async fn run(worker: Worker, asked: Arc<Notify>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match stop.run_until_cancelled(Box::pin(worker.work_one())).await {
            Some(Ok(true)) => continue,
            Some(Ok(false)) | None => {}
            Some(Err(error)) => tracing::warn!(error.detail = ?error, "changes to many wait"),
        }
        if let Err(error) = worker.tidy().await {
            tracing::warn!(error.detail = ?error, "reports whose time is over stay for now");
        }
        let _ = stop.run_until_cancelled(tokio::time::timeout(Duration::from_secs(1), asked.notified())).await;
    }
}

impl Worker {
    /// On the database of `env`.
    pub fn of(env: &Env) -> anyhow::Result<Self> {
        let (db, peers, keys) = (env.db(NAME)?, Peers::new(env)?, Keys::new(&env.secrets));
        let (clock, secrets) = (env.clock.clone(), env.secrets.clone());
        Ok(Self { db, clock, secrets, keys, peers, witnesses: Witnesses::new(env)? })
    }

    /// Drops a report that was kept long enough.
    pub async fn tidy(&self) -> Result<u64, Error> {
        store::forget(self.db.pool(), self.clock.now()).await
    }

    /// Takes up a change that is due.
    pub async fn take(&self) -> Result<Option<Bulk>, Error> {
        store::claim(self.db.pool(), &self.clock, (false, LEASE)).await
    }

    /// Begins an audit that is due by schedule, and carries out one that was begun, to its end; whether there was one.
    pub async fn audit_one(&self) -> Result<bool, Error> {
        while begin_due(&self.db, &self.clock).await? {}
        match store::claim(self.db.pool(), &self.clock, (true, LEASE)).await? {
            Some(bulk) => self.carry_out(bulk).await,
            None => Ok(false),
        }
    }

    /// Carries out a change that is due, to its end; whether there was one. What fails is gone on with when its lease ends,
    /// by whoever is there then.
    pub async fn work_one(&self) -> Result<bool, Error> {
        match self.take().await? {
            Some(bulk) => self.carry_out(bulk).await,
            None => Ok(false),
        }
    }

    async fn carry_out(&self, bulk: Bulk) -> Result<bool, Error> {
        if bulk.attempts > TRIES {
            let mut tx = self.db.begin_own().await?;
            if let Some(job) = running(&mut tx, &bulk).await? {
                self.end(&mut tx, job, (State::Failed, "gave_up")).await?;
            }
            tx.commit().await?;
            return Ok(true);
        }
        loop {
            match self.step(&bulk).await {
                Ok(true) => {}
                Ok(false) => return Ok(true),
                Err(error) => {
                    tracing::warn!(error.detail = ?error, job.id = %bulk.job, attempt = bulk.attempts,
                        "a change to many does not get on");
                    return Ok(true);
                }
            }
        }
    }

    /// Changes the next few; whether there may be more of them.
    pub async fn step(&self, bulk: &Bulk) -> Result<bool, Error> {
        match bulk.action {
            Action::Audit => return account::work::step(self, bulk).await,
            Action::Cleanup => return cleanup::work::step(self, bulk).await,
            Action::Tag | Action::Activate | Action::Inactivate | Action::Delete => {}
        }
        let (call, change, now) = (bulk.call()?, bulk.change(), self.clock.now());
        // Asked outside the transaction, as for each alone.
        let asked = match change.action {
            Action::Delete => Some(self.with_payments(bulk).await?),
            _ => None,
        };
        let mut tx = self.db.begin_own().await?;
        // Whoever is at the same job waits here, and finds the next few.
        let Some(mut job) = running(&mut tx, bulk).await? else { return Ok(false) };
        let ids = store::next(&mut *tx, bulk, if asked.is_some() { ERASED } else { CHANGED }).await?;
        if ids.is_empty() {
            self.end(&mut tx, job, (State::Succeeded, "")).await?;
            tx.commit().await?;
            return Ok(false);
        }
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(ids.len());
        for id in ids {
            let open = asked.as_ref().map(|asked| asked.get(&id));
            let slug = match open {
                Some(None) => continue, // nobody has asked about this one yet
                Some(Some(true)) => Error::PaymentOpen.reason(),
                Some(Some(false)) | None => outcome(self.one(&mut tx, (&call, &change), (id, now)).await)?,
            };
            outcomes.push((id, slug));
        }
        store::keep(&mut tx, bulk, &outcomes).await?;
        let done: Vec<bool> = outcomes.iter().map(|(_, slug)| slug.is_empty()).collect();
        self.keep(&mut tx, (bulk, &mut job), &done).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Counts what came of the next few, and goes on with the lease.
    pub(crate) async fn keep(&self, tx: &mut Tx, (bulk, job): (&Bulk, &mut Job), done: &[bool]) -> Result<(), Error> {
        job.count(done, self.clock.now());
        job::store::save(tx, job).await?;
        store::advance(tx, bulk, &self.clock, LEASE).await
    }

    /// Of each of the next few, whether money is on its way: they cannot be erased before it came or failed.
    async fn with_payments(&self, bulk: &Bulk) -> Result<HashMap<CustomerId, bool>, Error> {
        let mut open = HashMap::new();
        for id in store::next(self.db.pool(), bulk, ERASED).await? {
            open.insert(id, self.peers.open_payments((bulk.realm, id)).await? > 0);
        }
        Ok(open)
    }

    /// Changes or erases one.
    pub(crate) async fn one(
        &self,
        tx: &mut Tx,
        (call, change): (&Call, &Change),
        (id, now): (CustomerId, DateTime<Utc>),
    ) -> Result<(), Error> {
        let name = String::from(id);
        if !matches!(change.action, Action::Delete | Action::Cleanup) {
            change.apply(tx, (call, &self.keys), (&name, now)).await?;
            return Ok(());
        }
        let request = EraseCustomerRequest { confirm: name.clone(), id: name, reason: change.reason.clone() };
        let input = EraseCustomer::parse(&request, call.actor()?, now)?;
        erase_customer(tx, (call, &self.secrets, &self.clock), input).await?;
        Ok(())
    }

    /// Keeps how `job` ended, and records it.
    pub(crate) async fn end(&self, tx: &mut Tx, mut job: Job, (state, failure): (State, &str)) -> Result<(), Error> {
        let now = self.clock.now();
        job.finish(state, failure, now);
        job::store::save(tx, &job).await?;
        store::end(tx, (job.realm, job.id), now).await?;
        let entry = Entry::new("customers.bulk_ended", ("job", job.id), now).within(job.realm, None);
        audit::record_own(tx, entry.created(ended(&job)));
        Ok(())
    }
}

/// What the audit is told of a job that has ended.
pub(crate) fn ended(job: &Job) -> serde_json::Value {
    json!({
        "state": job.state.slug(),
        "done": job.done - job.refused,
        "refused": job.refused,
        "failure": job.failure,
        "requested_by": job.created_by,
    })
}

/// The job of `bulk`, locked, unless it has ended.
pub(crate) async fn running(tx: &mut Tx, bulk: &Bulk) -> Result<Option<Job>, Error> {
    let job = job::store::lock(tx, bulk.realm, bulk.job).await?;
    Ok(job.filter(|job| job.ended_at.is_none()))
}

/// What is wrong with one is its outcome; what is wrong with the house stops the whole.
pub(crate) fn outcome(done: Result<(), Error>) -> Result<&'static str, Error> {
    match done {
        Ok(()) => Ok(""),
        Err(error @ Error::Kit(_)) => Err(error),
        Err(error) => Ok(error.reason()),
    }
}
