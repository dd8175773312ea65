//! Removes bytes that belong to nobody.
use std::time::Duration;

use chrono::TimeDelta;
use files::Files;
use kit::{Db, clock::Clock};
use tokio_util::sync::CancellationToken;

use super::store;
use crate::{Error, attachment};

/// How often it is looked.
const PAUSE: Duration = Duration::from_secs(10);
/// When a removal that failed is tried again.
const AGAIN: TimeDelta = TimeDelta::minutes(5);

/// Looks every now and then until `stop`.
pub async fn run((db, clock, files): (Db, Clock, Files), stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        if let Err(error) = sweep((&db, &clock), &files).await {
            tracing::warn!(error.detail = ?error, "bytes that belong to nobody stay for now");
        }
    }
}

/// Removes all that is due, and what was handed in a day ago and is named by nothing; how many files went. Several
/// processes share the work.
pub async fn sweep((db, clock): (&Db, &Clock), files: &Files) -> Result<usize, Error> {
    attachment::store::drop_stale(db.pool(), clock).await?;
    let mut gone = 0;
    loop {
        let mut tx = db.begin_own().await?;
        let Some(place) = store::due(&mut tx, clock).await? else { return Ok(gone) };
        // Locked meanwhile: whoever takes the bytes over waits, and learns that they are gone.
        match files.remove(&place).await {
            Ok(()) => {
                store::forget(&mut *tx, &place).await?;
                gone += 1;
            }
            Err(error) => {
                tracing::warn!(error.detail = %error, "a file could not be removed");
                store::put_off(&mut tx, &place, clock.now() + AGAIN).await?;
            }
        }
        tx.commit().await?;
    }
}
