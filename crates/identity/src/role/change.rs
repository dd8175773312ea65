//! Changing a role, and with it what everybody may do who has it.
use chrono::{DateTime, Utc};
use kit::{
    Call, Tx,
    audit::{self, Entry},
    ids::{RoleId, SessionId},
};

use super::{CustomRole, role::Change, store};
use crate::{
    Error,
    membership::{self, Place},
    session,
};

/// A role to change.
#[derive(Debug)]
pub struct ChangeRole<'a> {
    /// Which.
    pub id: RoleId,
    /// Where it belongs.
    pub place: Place,
    /// What of it.
    pub change: Change,
    /// The request: who changes it, and which version they expect.
    pub call: &'a Call,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Changes a role; answers it with the sessions that gateways have to look at anew. Whoever changes it has all that it
/// gave and all that it gives.
pub async fn change_role(tx: &mut Tx, input: ChangeRole<'_>) -> Result<(CustomRole, i64, Vec<SessionId>), Error> {
    let ChangeRole { id, place, change, call, now } = input;
    let standing = membership::standing::of(tx, call.actor()?, place).await?;
    let role = store::find(&mut **tx, id, place).await?;
    let mut role = role.filter(|role| role.place() == Some(place)).ok_or(Error::RoleNotFound)?;
    call.check_version(role.version)?;
    let given = change.permissions.unwrap_or_else(|| role.permissions());
    standing.covers(place.limit(role.permissions().union(given), standing.in_network))?;
    let before = role.audited();
    role.name = change.name.unwrap_or(role.name);
    role.permissions = given.slugs();
    role.version += 1;
    store::save(tx, &role).await?;
    let entry = Entry::new("role.updated", ("role", id), now).changed(before, role.audited());
    audit::record(tx, call, entry)?;
    let members = store::members(tx, id).await?;
    Ok((role, members, session::store::of_role(tx, id).await?))
}
