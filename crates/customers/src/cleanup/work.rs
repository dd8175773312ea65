//! Carries clean-ups out. What others know of an account is asked twice: before, and of those that would go once more while
//! their records are locked. What customers knows is read from the locked record. So a purchase by a guest is seen, who is
//! met under that lock, and one by somebody signed in that has left a cart, a checkout or an order anywhere before the second
//! question. Whoever is signed in and fills a cart and pays in the moment between that answer and the end of the transaction
//! is not: their order stays, as of everybody who is erased (CU-15), and names nobody.
use kit::{Call, Tx, ids::CustomerId};

use super::{
    block::{block, note},
    store::{self, Became, Cleanup},
};
use crate::{
    Error,
    account::{
        Finding,
        facts::{self, Facts},
        witness::Evidence,
    },
    bulk::{
        store::{self as bulks, Bulk},
        work::{ERASED, Outcome, Worker, outcome, running},
    },
    job::State,
};

/// What was asked about the next few.
struct Asked {
    ids: Vec<CustomerId>,
    evidence: Evidence,
}

/// Judges the next few once more and removes those that still are what they were found to be; whether there may be more.
pub async fn step(worker: &Worker, bulk: &Bulk) -> Result<bool, Error> {
    // What the last few were made with, where whoever removed them did not get on.
    block(worker, bulk).await?;
    let asked = ask(worker, bulk).await?;
    let mut tx = worker.db.begin_own().await?;
    // Whoever is at the same job waits here, and finds the next few.
    let Some(mut job) = running(&mut tx, bulk).await? else { return Ok(false) };
    let Some(cleanup) = store::find(&mut *tx, bulk).await? else { return Ok(false) };
    if cleanup.gone.is_some() {
        return Ok(true);
    }
    let ids = bulks::next(&mut *tx, bulk, ERASED).await?;
    if ids.is_empty() {
        worker.end(&mut tx, job, (State::Succeeded, "")).await?;
        tx.commit().await?;
        return Ok(false);
    }
    // Nobody has asked about the others yet.
    let ids = ids.into_iter().filter(|id| asked.ids.contains(id)).collect();
    let judged = judge_twice(worker, &mut tx, (&cleanup, bulk, &asked.evidence), ids).await?;
    let done = sweep(worker, &mut tx, (&cleanup, bulk), judged).await?;
    worker.keep(&mut tx, (bulk, &mut job), &done).await?;
    tx.commit().await?;
    block(worker, bulk).await?;
    Ok(true)
}

/// Removes those whom nothing keeps, and writes what became of each; whether each is gone.
async fn sweep(
    worker: &Worker,
    tx: &mut Tx,
    (cleanup, bulk): (&Cleanup, &Bulk),
    judged: Vec<(Became, Option<Facts>)>,
) -> Result<Vec<bool>, Error> {
    let (call, mut became, mut gone) = (bulk.call()?, Vec::new(), Vec::new());
    for (line, facts) in judged {
        let line = remove(worker, tx, (&call, bulk), line).await?;
        gone.extend(facts.filter(|_| line.kept.is_empty()));
        became.push(line);
    }
    let outcomes: Vec<Outcome> = became.iter().map(|line| (line.customer, line.kept)).collect();
    bulks::keep(tx, bulk, &outcomes).await?;
    store::keep(tx, bulk, &became, worker.clock.now()).await?;
    note(worker, tx, (bulk, cleanup), &gone).await?;
    Ok(became.iter().map(|line| line.kept.is_empty()).collect())
}

async fn ask(worker: &Worker, bulk: &Bulk) -> Result<Asked, Error> {
    let ids = bulks::next(worker.db.pool(), bulk, ERASED).await?;
    let facts = facts::of(worker.db.pool(), bulk.realm, &ids).await?;
    Ok(Asked { ids, evidence: worker.witnesses.ask(bulk.realm, &facts).await? })
}

/// What is found of each of `ids`, whose records are locked: by what was asked before, and of those that would go by what is
/// known elsewhere right now.
async fn judge_twice(
    worker: &Worker,
    tx: &mut Tx,
    (cleanup, bulk, evidence): (&Cleanup, &Bulk, &Evidence),
    ids: Vec<CustomerId>,
) -> Result<Vec<(Became, Option<Facts>)>, Error> {
    let mut judged = Vec::with_capacity(ids.len());
    for id in ids {
        let facts = facts::lock(tx, bulk.realm, id).await?;
        judged.push((judge(worker, (cleanup, evidence), (id, facts.as_ref())), facts));
    }
    let going = judged.iter().filter(|(line, _)| line.kept.is_empty()).filter_map(|(_, facts)| facts.clone());
    let going: Vec<Facts> = going.collect();
    let evidence = worker.witnesses.ask(bulk.realm, &going).await?;
    for (line, facts) in judged.iter_mut().filter(|(line, _)| line.kept.is_empty()) {
        *line = judge(worker, (cleanup, &evidence), (line.customer, facts.as_ref()));
    }
    Ok(judged)
}

/// What is found of an account now, and whether that keeps it.
fn judge(
    worker: &Worker,
    (cleanup, evidence): (&Cleanup, &Evidence),
    (customer, facts): (CustomerId, Option<&Facts>),
) -> Became {
    let Some(facts) = facts else { return Became { customer, kept: "no_account", score: 0, reasons: Vec::new() } };
    let finding = Finding::of(facts, evidence, cleanup.rules(), worker.clock.now());
    let kept = finding.keeps(cleanup.kind).unwrap_or_default();
    Became { customer, kept, score: finding.score, reasons: finding.reasons }
}

/// Erases an account that nothing keeps; what keeps it after all is told.
async fn remove(worker: &Worker, tx: &mut Tx, (call, bulk): (&Call, &Bulk), line: Became) -> Result<Became, Error> {
    if !line.kept.is_empty() {
        return Ok(line);
    }
    let erased = worker.one(tx, (call, &bulk.change()), (line.customer, worker.clock.now())).await;
    Ok(Became { kept: outcome(erased)?, ..line })
}
