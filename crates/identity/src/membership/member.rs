//! Somebody who works for a place, as those see them who look after its staff.
use chrono::{DateTime, Utc};
use kit::{
    audit::json,
    clock::timestamp,
    ids::{NetworkId, RoleId, StaffId, StoreId},
};
use proto::identity::v1 as pb;

use super::{Place, Role, standing::Grant};

/// A membership with the person who has it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Member {
    /// Who.
    pub staff_id: StaffId,
    /// Display name.
    pub name: String,
    /// E-mail address they sign in with, as entered.
    pub email: String,
    /// The store they are a member of.
    pub store_id: Option<StoreId>,
    /// The network they are a member of.
    pub network_id: Option<NetworkId>,
    /// As what.
    pub role: Role,
    /// The role made of permissions, if it is one.
    pub role_id: Option<RoleId>,
    /// Its name.
    pub role_name: Option<String>,
    /// What it gives.
    pub custom: Option<Vec<String>>,
    /// Whether they have a second factor.
    pub has_factor: bool,
    /// Since when they are a member.
    pub since: DateTime<Utc>,
    /// When a session of theirs was last used.
    pub seen_at: Option<DateTime<Utc>>,
}

impl Member {
    /// Where they are a member.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Place::of(self.store_id, self.network_id)
    }

    /// The role as it is given where it was given.
    #[must_use]
    pub fn grant(&self, in_network: bool) -> Grant {
        let place = self.place();
        let permissions = place.map(|place| self.role.permissions(self.custom.as_deref(), place, in_network));
        Grant { role: self.role, permissions: permissions.unwrap_or_default() }
    }

    /// What the audit keeps of it.
    #[must_use]
    pub fn audited(&self) -> serde_json::Value {
        json!({ "role": self.role_id.map_or_else(|| self.role.slug().to_owned(), String::from) })
    }

    /// As the API tells it to somebody who works in a place that is `in_network` or not.
    #[must_use]
    pub fn told(self, in_network: bool) -> pb::Member {
        pb::Member {
            staff: self.staff_id.into(),
            permissions: self.grant(in_network).permissions.slugs(),
            place: self.place().map(|place| place.to_string()).unwrap_or_default(),
            role: self.role_id.map_or_else(|| self.role.slug().to_owned(), String::from),
            role_name: self.role_name.unwrap_or_else(|| self.role.name().to_owned()),
            name: self.name,
            email: self.email,
            has_factor: self.has_factor,
            since: Some(timestamp(self.since)),
            seen_at: self.seen_at.map(timestamp),
        }
    }
}
