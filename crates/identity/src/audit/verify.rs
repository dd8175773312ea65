//! Recomputes a chain, and compares it with what was signed.
use std::collections::BTreeMap;

use kit::{Db, ids::RealmId, signature::Signatory};

use super::{
    chain::{Breach, Known, Place, Problem, follow},
    checkpoint, store,
};
use crate::Error;

/// How many entries are read at once.
const BATCH: i64 = 5_000;
/// How many entries one request looks at, at most.
pub const STRETCH: u32 = 100_000;

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Place up to which everything is as it was written.
    pub reached: Place,
    /// Place of the last entry.
    pub length: i64,
    /// The first that is not as it was written.
    pub breach: Option<Breach>,
}

/// Verifies the whole chain behind `from`.
pub async fn verify(
    db: &Db,
    chain: (RealmId, &Signatory),
    mut from: Place,
    noted: Option<Place>,
) -> Result<Verdict, Error> {
    loop {
        let verdict = verify_stretch(db, chain, (from, STRETCH), noted).await?;
        if verdict.breach.is_some() || verdict.reached.number >= verdict.length {
            return Ok(verdict);
        }
        from = verdict.reached;
    }
}

/// Verifies at most `limit` entries behind `from`, which was verified before. `noted` is a place that somebody has
/// written down elsewhere.
pub async fn verify_stretch(
    db: &Db,
    (realm, signatory): (RealmId, &Signatory),
    (from, limit): (Place, u32),
    noted: Option<Place>,
) -> Result<Verdict, Error> {
    let (end, last) = store::extent(db.pool(), realm).await?;
    let until = end.number.min(from.number.saturating_add(i64::from(limit)));
    let (mut known, forged) = known(db, (realm, signatory), (from.number, until)).await?;
    for place in noted.into_iter().chain([end]) {
        known.entry(place.number).or_default().push(place.hash);
    }
    let mut reached = from;
    let mut breach = None;
    while breach.is_none() && reached.number < until {
        let entries = store::stretch(db.pool(), realm, (reached.number, until), BATCH).await?;
        if entries.is_empty() {
            breach = Some(Breach::at(reached.number + 1, Problem::Truncated));
        }
        match follow(&mut reached, &entries, &known) {
            Ok(()) => {}
            Err(found) => breach = Some(found),
        }
    }
    if breach.is_none() && reached.number >= end.number {
        let newest = checkpoint::newest(db, realm, signatory).await?.map_or(0, |checkpoint| checkpoint.number);
        let longest = newest.max(noted.map_or(0, |place| place.number));
        breach = ending(db, realm, (end.number, last, longest)).await?;
    }
    // What was forged counts where it stands; what is broken before it is told first.
    let breach = breach.into_iter().chain(forged).min_by_key(|breach| breach.number);
    Ok(Verdict { reached, length: end.number, breach })
}

/// What is wrong behind the end: entries that were added, or that are gone.
async fn ending(db: &Db, realm: RealmId, (end, last, longest): (i64, i64, i64)) -> Result<Option<Breach>, Error> {
    if last > end {
        let inserted = store::stretch(db.pool(), realm, (end, last), 1).await?;
        let entry = inserted.first().map(|entry| entry.id);
        return Ok(Some(Breach { number: end + 1, entry, problem: Problem::Inserted }));
    }
    Ok((longest > end).then(|| Breach::at(end + 1, Problem::Truncated)))
}

/// What was signed of the places of a stretch, and the first checkpoint among them that was forged.
async fn known(
    db: &Db,
    (realm, signatory): (RealmId, &Signatory),
    stretch: (i64, i64),
) -> Result<(Known, Option<Breach>), Error> {
    let (mut known, mut forged): (Known, _) = (BTreeMap::new(), None);
    for checkpoint in store::checkpoints(db.pool(), realm, stretch).await? {
        match checkpoint.is_signed(signatory) {
            Some(true) => known.entry(checkpoint.number).or_default().push(checkpoint.place()?.hash),
            Some(false) => forged = forged.or(Some(Breach::at(checkpoint.number, Problem::Forged))),
            // Signed with a secret that is gone: it says nothing any more.
            None => {}
        }
    }
    Ok((known, forged))
}
