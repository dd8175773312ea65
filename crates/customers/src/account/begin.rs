//! Begins an audit: on somebody's word, or because it is time.
use chrono::{DateTime, Utc};
use kit::{
    Call, Db, Tx,
    audit::{self, Entry, json},
    clock::Clock,
    db::on_unique,
    ids::{JobId, RealmId},
};

use super::{Rules, facts, store};
use crate::{
    Error, NAME,
    bulk::{
        Action, Change,
        store::{self as bulk, Begun},
    },
    job::{self, Job, Kind},
};

/// The job, which waits to be carried out. Of a customer base there is one at a time.
pub async fn begin_audit(
    tx: &mut Tx,
    (realm, created_by): (RealmId, &str),
    rules: Rules,
    now: DateTime<Utc>,
) -> Result<Job, Error> {
    let accounts = facts::count(&mut **tx, realm).await?;
    let job = Job::alone((realm, JobId::new(now)), Kind::AccountAudit, (accounts, created_by.to_owned()), now);
    job::store::insert(tx, &job).await?;
    let change = Change::of(Action::Audit, "");
    let begun = bulk::insert(tx, &job, &Begun { change: &change, asker: None, ids: &[] }).await;
    begun.map_err(|error| match error {
        Error::Kit(kit::Error::Database(error)) => on_unique("bulk_changes_audit", || Error::AuditRunning)(error),
        other => other,
    })?;
    store::insert(tx, (realm, job.id), rules).await?;
    Ok(job)
}

/// The same on the word of whoever sends `call`.
pub async fn begin_asked(tx: &mut Tx, call: &Call, realm: RealmId, now: DateTime<Utc>) -> Result<Job, Error> {
    let rules = store::rules(&mut **tx, realm).await?;
    let job = begin_audit(tx, (realm, &call.actor()?.subject), rules, now).await?;
    audit::record(tx, call, begun(&job, rules, now))?;
    Ok(job)
}

/// Begins an audit that is due, and says when the next one is; whether there was one. While another one is going on it
/// waits for its next time.
pub async fn begin_due(db: &Db, clock: &Clock) -> Result<bool, Error> {
    let now = clock.now();
    let mut tx = db.begin_own().await?;
    let Some(realm) = store::due(&mut tx, clock).await? else { return Ok(false) };
    let mut rules = store::rules(&mut *tx, realm).await?;
    if !store::is_running(&mut *tx, realm).await? {
        let job = begin_audit(&mut tx, (realm, NAME), rules, now).await?;
        audit::record_own(&mut tx, begun(&job, rules, now).within(realm, None));
    }
    rules.next_at = rules.schedule.after(now);
    store::save_rules(&mut tx, realm, &rules).await?;
    tx.commit().await?;
    Ok(true)
}

fn begun(job: &Job, rules: Rules, now: DateTime<Utc>) -> Entry {
    let by = json!({ "accounts": job.total, "quiet_days": rules.quiet_days, "threshold": rules.threshold });
    Entry::new("account_audit.begun", ("job", job.id), now).created(by)
}
