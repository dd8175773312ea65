//! A role made of permissions.
use kit::{
    audit::json,
    failure::Violation,
    ids::{NetworkId, RoleId, StoreId},
    permission::{Permission, Permissions},
};
use proto::identity::v1 as pb;

use crate::{Error, api_key::api_key, input, membership::Place};

/// A role made of permissions.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CustomRole {
    /// Its id.
    pub id: RoleId,
    /// The store it belongs to.
    pub store_id: Option<StoreId>,
    /// The network it belongs to.
    pub network_id: Option<NetworkId>,
    /// Display name, unique in its place.
    pub name: String,
    /// Slugs of what it gives. What is no permission any longer gives none.
    pub permissions: Vec<String>,
    /// Counts changes.
    pub version: i64,
}

impl CustomRole {
    /// What it gives.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        granted(&self.permissions)
    }

    /// Where it belongs.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Place::of(self.store_id, self.network_id)
    }

    /// What the audit keeps of it.
    #[must_use]
    pub fn audited(&self) -> serde_json::Value {
        json!({ "name": self.name, "permissions": self.permissions })
    }

    /// As the API tells it, with how many have it.
    #[must_use]
    pub fn told(self, members: i64) -> pb::Role {
        pb::Role {
            id: self.id.into(),
            permissions: self.permissions().slugs(),
            place: self.place().map(|place| place.to_string()).unwrap_or_default(),
            name: self.name,
            built_in: false,
            members: u32::try_from(members).unwrap_or_default(),
            version: self.version,
        }
    }
}

/// What these slugs stand for.
#[must_use]
pub fn granted(slugs: &[String]) -> Permissions {
    slugs.iter().filter_map(|slug| slug.parse::<Permission>().ok()).collect()
}

/// What somebody wants a role to be.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) name: String,
    pub(super) permissions: Permissions,
}

impl Plan {
    /// Reads a request, or tells all its faults.
    pub fn parse(request: &pb::CreateRoleRequest) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let name = faults.take(name(&request.name));
        let permissions = faults.take(api_key::permissions(&request.permissions));
        match (name, permissions) {
            (Some(name), Some(permissions)) => Ok(Self { name, permissions }),
            _ => Err(faults.into()),
        }
    }
}

/// What of a role is to change.
#[derive(Clone, Debug)]
pub struct Change {
    pub(super) name: Option<String>,
    pub(super) permissions: Option<Permissions>,
}

impl Change {
    /// Reads a request, or tells all its faults.
    pub fn parse(request: &pb::ChangeRoleRequest) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let name = faults.take(request.name.as_deref().map(name).transpose());
        let given = Some(&request.permissions).filter(|slugs| !slugs.is_empty());
        let permissions = faults.take(given.map(|slugs| api_key::permissions(slugs)).transpose());
        match (name, permissions) {
            (Some(name), Some(permissions)) => Ok(Self { name, permissions }),
            _ => Err(faults.into()),
        }
    }
}

/// A name that is not mistaken for one of the roles there always are.
fn name(text: &str) -> Result<String, Violation> {
    let name = input::text("/name", text, 60)?;
    let taken = crate::membership::Role::ALL.iter().any(|role| role.name().eq_ignore_ascii_case(&name));
    if taken { Err(Violation::new("/name", "reserved", "there always is a role of this name")) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-21: a role is made of permissions that there are, and not named like one there always is.
    #[test]
    fn roles_are_made_of_permissions() {
        let request = |name: &str, permissions: &[&str]| pb::CreateRoleRequest {
            name: name.to_owned(),
            permissions: permissions.iter().map(|&slug| slug.to_owned()).collect(),
        };
        let plan = Plan::parse(&request(" Warehouse ", &["orders.read", "orders.write"])).expect("it is good");
        assert_eq!((&*plan.name, plan.permissions.slugs().len()), ("Warehouse", 2));
        for (name, permissions) in [("", &["orders.read"][..]), ("OWNER", &["orders.read"]), ("A", &[]), ("A", &["x"])]
        {
            assert!(Plan::parse(&request(name, permissions)).is_err(), "{name} {permissions:?}");
        }
        assert!(granted(&["orders.read".to_owned(), "was.once".to_owned()]).contains(Permission::OrdersRead));
    }
}
