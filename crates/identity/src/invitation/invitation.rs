//! An invitation to work somewhere, as something.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    audit::json,
    clock::timestamp,
    ids::{InvitationId, NetworkId, RoleId, StoreId},
};
use proto::identity::v1 as pb;

use crate::membership::{Assigned, Place, Role};

/// How long a link is good.
pub const LIFETIME: TimeDelta = TimeDelta::days(3);

/// An invitation that waits.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The store it is to.
    pub store_id: Option<StoreId>,
    /// The network it is to.
    pub network_id: Option<NetworkId>,
    /// Who is invited, as entered.
    pub email: String,
    /// As what.
    pub role: Role,
    /// The role made of permissions, if it is one.
    pub role_id: Option<RoleId>,
    /// Its name.
    pub role_name: Option<String>,
    /// Who invited.
    pub invited_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Name of the store or network.
    pub place_name: String,
    /// Whether a second factor is needed there.
    pub factor_required: bool,
}

impl Invitation {
    /// Where.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Place::of(self.store_id, self.network_id)
    }

    /// What they are to be.
    #[must_use]
    pub fn assigned(&self) -> Assigned {
        self.role_id.map_or(Assigned::BuiltIn(self.role), Assigned::Custom)
    }

    /// Display name of the role.
    #[must_use]
    pub fn role_name(&self) -> String {
        self.role_name.clone().unwrap_or_else(|| self.role.name().to_owned())
    }

    /// What the audit keeps of it: nothing that says who is invited.
    #[must_use]
    pub fn audited(&self) -> serde_json::Value {
        json!({ "role": self.role_id.map_or_else(|| self.role.slug().to_owned(), String::from) })
    }

    /// As the API tells it; `link` only to services of the house, in the answer that made it.
    #[must_use]
    pub fn told(self, link: String) -> pb::Invitation {
        pb::Invitation {
            id: self.id.into(),
            place: self.place().map(|place| place.to_string()).unwrap_or_default(),
            role: self.role_id.map_or_else(|| self.role.slug().to_owned(), String::from),
            role_name: self.role_name(),
            email: self.email,
            invited_by: self.invited_by,
            created_at: Some(timestamp(self.created_at)),
            expires_at: Some(timestamp(self.expires_at)),
            link,
        }
    }
}
