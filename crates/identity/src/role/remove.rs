//! Dropping a role that nobody has.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::RoleId,
};

use super::store;
use crate::{
    Error,
    membership::{self, Place},
};

/// Drops a role; invitations to it are taken back. Whoever drops it has all that it gives.
pub async fn delete_role(
    tx: &mut Tx,
    (id, place): (RoleId, Place),
    call: &Call,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let standing = membership::standing::of(tx, call.actor()?, place).await?;
    let role = store::find(&mut **tx, id, place).await?;
    let role = role.filter(|role| role.place() == Some(place)).ok_or(Error::RoleNotFound)?;
    call.check_version(role.version)?;
    standing.covers(place.limit(role.permissions(), standing.in_network))?;
    audit::record(tx, call, Entry::new("role.removed", ("role", id), now).removed(role.audited()))?;
    store::delete(tx, id).await
}
