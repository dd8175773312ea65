//! What concerns a member of the staff is told wherever they work.
use kit::{Call, Tx, audit, audit::Entry, ids::StaffId};

use super::store;
use crate::Error;

/// Records `entry` in the chain of every customer base that `staff` works for.
pub async fn record(tx: &mut Tx, call: &Call, staff: StaffId, entry: &Entry) -> Result<(), Error> {
    for realm in store::realms_of(&mut **tx, staff).await? {
        audit::record(tx, call, entry.clone().within(realm, None))?;
    }
    Ok(())
}
