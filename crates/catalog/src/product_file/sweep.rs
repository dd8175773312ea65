//! Removes bytes that belong to nobody any more.
use std::time::Duration;

use chrono::TimeDelta;
use files::Files;
use kit::{Db, clock::Clock};
use tokio_util::sync::CancellationToken;

use super::{product_file::place, store};
use crate::Error;

/// How often it is looked.
const PAUSE: Duration = Duration::from_mins(1);
/// When a removal that failed is tried again.
const AGAIN: TimeDelta = TimeDelta::minutes(5);

/// Looks every now and then until `stop`.
pub async fn run((db, clock, files): (Db, Clock, Files), stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        if let Err(error) = sweep((&db, &clock), &files).await {
            tracing::warn!(error.detail = ?error, "bytes of products that belong to nobody stay for now");
        }
    }
}

/// Removes all that is due; how many went. Several processes share the work.
pub async fn sweep((db, clock): (&Db, &Clock), files: &Files) -> Result<usize, Error> {
    let mut gone = 0;
    loop {
        let mut tx = db.begin_own().await?;
        let Some((seller, bytes)) = store::due(&mut tx, clock).await? else { return Ok(gone) };
        // Locked meanwhile: whoever takes them over waits, and learns that they are gone.
        if let Err(error) = files.remove(&place(seller, bytes)).await {
            tracing::warn!(error.detail = %error, "bytes of a product could not be removed");
            store::put_off(&mut tx, (seller, bytes), clock.now() + AGAIN).await?;
        } else {
            store::take(&mut *tx, seller, bytes).await?;
            gone += 1;
        }
        tx.commit().await?;
    }
}
