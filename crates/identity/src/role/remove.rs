//! Dropping a role that nobody has.
use kit::{Call, Tx, actor::Actor, ids::RoleId};

use super::store;
use crate::{
    Error,
    membership::{self, Place},
};

/// Drops a role; invitations to it are taken back. Whoever drops it has all that it gives.
pub async fn delete_role(tx: &mut Tx, (id, place): (RoleId, Place), actor: &Actor, call: &Call) -> Result<(), Error> {
    let standing = membership::standing::of(tx, actor, place).await?;
    let role = store::find(&mut **tx, id, place).await?;
    let role = role.filter(|role| role.place() == Some(place)).ok_or(Error::RoleNotFound)?;
    call.check_version(role.version)?;
    standing.covers(place.limit(role.permissions(), standing.in_network))?;
    store::delete(tx, id).await
}
