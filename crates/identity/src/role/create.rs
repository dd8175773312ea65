//! Making a role of permissions.
use chrono::{DateTime, Utc};
use kit::{Tx, actor::Actor, ids::RoleId};

use super::{CustomRole, role::Plan, store};
use crate::{
    Error,
    membership::{self, Place},
};

/// Most roles of a store or network.
const MOST: usize = 100;

/// A role to make.
#[derive(Debug)]
pub struct CreateRole<'a> {
    /// What it is to be.
    pub plan: Plan,
    /// Where it belongs.
    pub place: Place,
    /// Who makes it.
    pub actor: &'a Actor,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Makes a role. It gives nothing that its maker lacks.
pub async fn create_role(tx: &mut Tx, input: CreateRole<'_>) -> Result<CustomRole, Error> {
    let CreateRole { plan, place, actor, now } = input;
    let standing = membership::standing::of(tx, actor, place).await?;
    standing.covers(place.limit(plan.permissions, standing.in_network))?;
    if store::of_place(&mut **tx, place).await?.len() >= MOST {
        return Err(Error::TooManyRoles);
    }
    let role = CustomRole {
        id: RoleId::new(now),
        store_id: place.store(),
        network_id: place.network(),
        name: plan.name,
        permissions: plan.permissions.slugs(),
        version: 1,
    };
    store::insert(tx, &role, now).await?;
    Ok(role)
}
