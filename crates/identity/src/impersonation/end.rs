//! Ending sessions in the name of customers: by whoever opened them, and with the session they were opened from.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    clock::timestamp,
    ids::{SessionId, StaffId},
    outbox,
};
use proto::identity::v1::SessionRevoked;

use super::store;
use crate::Error;

/// Ends one of `staff`.
pub async fn end_impersonation(
    tx: &mut Tx,
    (id, staff): (SessionId, StaffId),
    call: &Call,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if !store::delete(tx, id, staff).await? {
        return Err(Error::SessionNotFound);
    }
    tell(tx, id, staff, now);
    audit::record(tx, call, Entry::new("impersonation.ended", ("session", id), now))?;
    Ok(())
}

/// Ends all that were opened from the sessions `own`, before those end themselves; answers which.
pub async fn end_with(tx: &mut Tx, own: &[SessionId], now: DateTime<Utc>) -> Result<Vec<SessionId>, Error> {
    let ended = store::delete_of(tx, own).await?;
    for (id, staff) in &ended {
        tell(tx, *id, *staff, now);
    }
    Ok(ended.into_iter().map(|(id, _)| id).collect())
}

fn tell(tx: &mut Tx, id: SessionId, staff: StaffId, now: DateTime<Utc>) {
    let revoked = SessionRevoked { session: id.into(), subject: staff.into(), at: Some(timestamp(now)) };
    outbox::publish(tx, &revoked);
}
