//! How somebody stands in a place as the database has it now: what decides who may change whom (ID-21).
use kit::{
    Tx,
    actor::Actor,
    denied::Denied,
    permission::{Permission, Permissions},
};

use super::{Place, Role, store};
use crate::Error;

/// How somebody stands in a place.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// What they may do there.
    pub permissions: Permissions,
    /// Whether they own it, or the network it is in.
    pub is_owner: bool,
    /// Whether the place shares its customers with others.
    pub in_network: bool,
}

/// A role as it is given in a place.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// Which role.
    pub role: Role,
    /// What it gives there.
    pub permissions: Permissions,
}

/// How `actor` stands in `place`, which nobody else changes the members of until the end of the transaction. Services of
/// the house stand above all; integrations do not look after staff.
pub async fn of(tx: &mut Tx, actor: &Actor, place: Place) -> Result<Standing, Error> {
    store::lock(tx, place).await?;
    if actor.is_system() {
        let in_network = store::is_shared(tx, place).await?;
        return Ok(Standing { permissions: Permissions::all(), is_owner: true, in_network });
    }
    let staff = actor.staff().ok_or(Denied::WrongCaller)?;
    let standing = store::standing(tx, staff, place).await?;
    if standing.permissions.contains(Permission::StaffWrite) {
        Ok(standing)
    } else {
        Err(Denied::Forbidden(Permission::StaffWrite.slug()).into())
    }
}

impl Standing {
    /// Passes when they have all of `permissions` themselves.
    pub fn covers(&self, permissions: Permissions) -> Result<(), Error> {
        match permissions.beyond(self.permissions) {
            Some(lacking) => Err(Denied::Forbidden(lacking.slug()).into()),
            None => Ok(()),
        }
    }

    /// Passes when they may give `grant` to somebody, or take it: nobody does with what they lack, and owners are a
    /// matter of owners.
    pub fn may_give(&self, grant: Grant) -> Result<(), Error> {
        if grant.role == Role::Owner && !self.is_owner {
            return Err(Error::OwnersOnly);
        }
        self.covers(grant.permissions)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kit::{failure::Failure, ids::StoreId};

    use super::*;

    fn may(own: Role, other: Role) -> Option<&'static str> {
        let place = Place::Store(StoreId::new(DateTime::UNIX_EPOCH));
        let permissions = |role: Role| role.permissions(None, place, false);
        let standing = Standing { permissions: permissions(own), is_owner: own == Role::Owner, in_network: false };
        standing.may_give(Grant { role: other, permissions: permissions(other) }).err().map(|error| error.reason())
    }

    /// ID-21: owners give every role, administrators all but theirs, others nothing that goes beyond their own.
    #[test]
    fn nobody_gives_what_they_lack() {
        for role in Role::ALL {
            assert_eq!(may(Role::Owner, role), None);
            let expected = (role == Role::Owner).then_some("owners_only");
            assert_eq!(may(Role::Administrator, role), expected);
        }
        assert_eq!(may(Role::SalesAgent, Role::CustomerService), Some("permission_required"));
        assert_eq!(may(Role::CustomerService, Role::SalesAgent), None);
        assert_eq!(may(Role::Moderator, Role::SalesAgent), Some("permission_required"));
    }
}
