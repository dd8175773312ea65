//! Carries audits out, some accounts at a time: what was found and how far it is are one transaction.
use super::{Finding, Verdict, facts, store};
use crate::{
    Error,
    bulk::{
        store::Bulk,
        work::{Worker, running},
    },
    job::State,
};

/// Accounts that are looked at together.
const BATCH: i64 = 200;

/// Looks at the next accounts; whether there may be more of them. What others know of them is asked outside the
/// transaction; when they cannot be asked, nothing is said of anybody.
pub async fn step(worker: &Worker, bulk: &Bulk) -> Result<bool, Error> {
    let id = (bulk.realm, bulk.job);
    let Some(seen) = store::find(worker.db.pool(), id).await? else { return Ok(false) };
    let facts = facts::next(worker.db.pool(), bulk.realm, (seen.place, BATCH)).await?;
    let (evidence, now) = (worker.witnesses.ask(bulk.realm, &facts).await?, worker.clock.now());
    let find = |facts: &facts::Facts| Verdict::of(facts.id, Finding::of(facts, &evidence, seen.rules(), now));
    let verdicts: Vec<Verdict> = facts.iter().filter_map(find).collect();
    let mut tx = worker.db.begin_own().await?;
    let Some(mut job) = running(&mut tx, bulk).await? else { return Ok(false) };
    let audit = store::find(&mut *tx, id).await?;
    // Whoever was quicker has looked at these.
    let Some(mut audit) = audit.filter(|audit| audit.place == seen.place) else { return Ok(true) };
    let Some(last) = facts.last() else {
        worker.end(&mut tx, job, (State::Succeeded, "")).await?;
        tx.commit().await?;
        return Ok(false);
    };
    audit.count(facts.len(), &verdicts, last.id);
    store::advance(&mut tx, &audit, &verdicts).await?;
    job.total = job.total.max(audit.accounts);
    worker.keep(&mut tx, (bulk, &mut job), &vec![true; facts.len()]).await?;
    tx.commit().await?;
    Ok(true)
}
