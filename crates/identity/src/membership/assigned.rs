//! A role by its name in the API: one of those there always are, or the id of one made of permissions.
use kit::{Tx, failure::Violation, ids::RoleId};

use super::{Place, Role, standing::Grant};
use crate::{Error, role};

/// A role to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// One of those there always are.
    BuiltIn(Role),
    /// One made of permissions.
    Custom(RoleId),
}

impl Assigned {
    /// Reads `/role`.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let role = text.parse().map(Self::BuiltIn).ok().or_else(|| text.parse().map(Self::Custom).ok());
        role.ok_or_else(unknown)
    }

    /// The two columns it is kept in.
    #[must_use]
    pub fn columns(self) -> (Role, Option<RoleId>) {
        match self {
            Self::BuiltIn(role) => (role, None),
            Self::Custom(id) => (Role::Custom, Some(id)),
        }
    }

    /// What it gives in `place`, with its name there.
    pub async fn resolve(self, tx: &mut Tx, place: Place, in_network: bool) -> Result<(Grant, String), Error> {
        match self {
            Self::BuiltIn(role) => {
                let permissions = role.permissions(None, place, in_network);
                Ok((Grant { role, permissions }, role.name().to_owned()))
            }
            Self::Custom(id) => {
                let custom = role::store::find(&mut **tx, id, place).await?.ok_or(Error::RoleNotFound)?;
                let permissions = place.limit(custom.permissions(), in_network);
                Ok((Grant { role: Role::Custom, permissions }, custom.name))
            }
        }
    }
}

fn unknown() -> Violation {
    Violation::new("/role", "unknown", "there is no such role")
}
