//! Stops an import. What was done stays done; its file goes.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
};

use super::{Import, State, begin::counts, grpc::locked, store};
use crate::Error;

/// The import as it is since. Whoever is at it ends with the rows that are under way.
pub async fn cancel_import(tx: &mut Tx, call: &Call, id: &str, now: DateTime<Utc>) -> Result<Import, Error> {
    let mut import = locked(tx, call.actor()?, id).await?;
    if import.state == State::Cancelled {
        return Ok(import);
    }
    if import.ended_at.is_some() {
        return Err(Error::ImportNotReady);
    }
    import.finish(State::Cancelled, "", now);
    store::save(tx, &import).await?;
    let entry = Entry::new("import.cancelled", ("import", import.id), now);
    audit::record(tx, call, entry.created(counts(&import)))?;
    Ok(import)
}
