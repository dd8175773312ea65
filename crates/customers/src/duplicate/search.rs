//! Compares the records that have changed with all others of their customer base.
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kit::{Db, clock::Clock, ids::RealmId};
use tokio_util::sync::CancellationToken;

use super::store;
use crate::Error;

/// How often it is looked.
const PAUSE: Duration = Duration::from_secs(5);
/// How long ago a record has to have changed: no request and no statement lasts as long, so that whoever wrote then has
/// committed.
const REST: TimeDelta = TimeDelta::seconds(20);
/// Records that are compared at once.
const BATCH: i64 = 500;

/// Looks every now and then until `stop`.
pub async fn run(db: Db, clock: Clock, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        let looked = stop.run_until_cancelled(Box::pin(look_everywhere(&db, clock.now())));
        if let Some(Err(error)) = looked.await {
            tracing::warn!(error.detail = ?error, "duplicates could not be looked for");
        }
    }
}

/// One customer base that cannot be looked through holds up no other.
async fn look_everywhere(db: &Db, now: DateTime<Utc>) -> Result<(), Error> {
    for realm in store::changed(db.pool(), now - REST).await? {
        if let Err(error) = look_through(db, realm, now).await {
            tracing::warn!(error.detail = ?error, realm.id = %realm, "duplicates could not be looked for");
        }
    }
    Ok(())
}

async fn look_through(db: &Db, realm: RealmId, now: DateTime<Utc>) -> Result<(), Error> {
    while search(db, realm, now).await? == BATCH {}
    Ok(())
}

/// Compares the next records of `realm` that have changed; answers how many. Of several processes one at a time does.
pub async fn search(db: &Db, realm: RealmId, now: DateTime<Utc>) -> Result<i64, Error> {
    let mut tx = db.begin_own().await?;
    let changed = store::next(&mut tx, realm, (now - REST, BATCH)).await?;
    if let Some(last) = changed.last().copied() {
        let ids: Vec<_> = changed.iter().map(|(id, _)| id.uuid()).collect();
        store::liken(&mut tx, realm, &ids).await?;
        store::compare(&mut tx, realm, &ids, now).await?;
        store::remember(&mut tx, realm, last).await?;
    }
    tx.commit().await?;
    Ok(changed.len().try_into().unwrap_or(BATCH))
}
