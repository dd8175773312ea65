//! Has a file checked, and what was checked carried out: both behind the request.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
};
use serde_json::{Value, json};

use super::{Import, change, grpc::locked, store};
use crate::Error;

/// The import, which waits to be checked. What was found out before is forgotten.
pub async fn check_import(tx: &mut Tx, call: &Call, id: &str, now: DateTime<Utc>) -> Result<Import, Error> {
    let mut import = locked(tx, call.actor()?, id).await?;
    import.check(now)?;
    store::drop_faults(tx, &import).await?;
    store::save(tx, &import).await?;
    let entry = Entry::new("import.checked", ("import", import.id), now);
    audit::record(tx, call, entry.created(change::told(&import)))?;
    Ok(import)
}

/// The import, which waits to be carried out on the caller's word.
pub async fn start_import(tx: &mut Tx, call: &Call, id: &str, now: DateTime<Utc>) -> Result<Import, Error> {
    let actor = call.actor()?;
    let mut import = locked(tx, actor, id).await?;
    call.check_version(import.version)?;
    let mut begun = change::told(&import);
    begun["expected"] = counts(&import);
    import.start(&actor.subject, now)?;
    store::drop_faults(tx, &import).await?;
    store::save(tx, &import).await?;
    let entry = Entry::new("import.started", ("import", import.id), now);
    audit::record(tx, call, entry.created(begun))?;
    Ok(import)
}

/// What becomes of the rows, as the audit is told.
pub(super) fn counts(import: &Import) -> Value {
    json!({
        "rows": import.rows,
        "done": import.done,
        "created": import.created,
        "changed": import.changed,
        "unchanged": import.unchanged,
        "refused": import.refused,
        "superseded": import.superseded,
    })
}
