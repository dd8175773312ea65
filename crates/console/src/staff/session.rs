//! A signed-in staff member, as pages see them.
use std::sync::Arc;

use chrono_tz::Tz;
use kit::{actor::Actor, permission::Permission};
use proto::identity::v1::Staff;
use tonic::{Request, metadata::MetadataValue};

use super::place::{self, Place};
use crate::show::label;

/// A signed-in staff member in one place. Known for a minute at most, so that what is revoked is soon gone.
pub struct Session {
    /// Who they are.
    pub staff: Staff,
    /// What they may do here.
    pub actor: Arc<Actor>,
    /// Where they work, `sto_…`; empty for their only place.
    pub store: String,
    /// Zone that times are shown in: the store's.
    pub zone: Tz,
    /// The signed statement that services believe.
    pub assertion: Arc<str>,
}

impl Session {
    /// `request` on behalf of this staff member.
    pub fn sign<T>(&self, mut request: Request<T>) -> Request<T> {
        // An assertion is ASCII by construction; without it a call would speak for the console itself, so never skip it.
        let bearer = MetadataValue::try_from(format!("Bearer {}", self.assertion));
        request.metadata_mut().insert("authorization", bearer.unwrap_or(MetadataValue::from_static("Bearer")));
        request
    }

    /// Whether they have `permission` here.
    pub fn may(&self, permission: Permission) -> bool {
        self.actor.permissions.contains(permission)
    }

    /// Whether they see personal data (ID-23).
    pub fn sees_pii(&self) -> bool {
        self.actor.sees_pii()
    }

    /// Where they can work.
    pub fn places(&self) -> Vec<Place> {
        place::places(&self.staff)
    }

    /// Their roles here, in words.
    pub fn role(&self) -> String {
        let mut roles: Vec<String> =
            place::memberships(&self.staff, &self.store).map(|membership| label::words(&membership.role)).collect();
        roles.dedup();
        roles.join(", ")
    }

    /// The name of a store of theirs; its id when it is not among them.
    pub fn store_name(&self, id: &str) -> String {
        let stores = self.staff.memberships.iter().flat_map(|membership| &membership.stores);
        stores.into_iter().find(|store| store.id == id).map_or_else(|| id.to_owned(), |store| store.name.clone())
    }
}
