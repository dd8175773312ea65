//! Who does a request, and what that lets them do. Every service asks here itself (ID-30).
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    assertion::{Act, Claims},
    denied::Denied,
    ids::{CustomerId, RealmId, StaffId, StoreId},
    permission::{Permission, Permissions},
};

/// Kinds of actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A shop front without a signed-in customer.
    Anonymous,
    /// A person in the account portal, across realms.
    Shopper,
    /// A signed-in customer.
    Customer,
    /// A staff member.
    Staff,
    /// An integration.
    ApiKey,
    /// A service of the house.
    System,
}

impl Kind {
    /// As claims and histories write it.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Shopper => "shopper",
            Self::Customer => "customer",
            Self::Staff => "staff",
            Self::ApiKey => "api_key",
            Self::System => "system",
        }
    }
}

/// A verified actor.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What kind.
    pub kind: Kind,
    /// Who, in text: an id, or the name of a service.
    pub subject: String,
    /// Customer base they work in; absent for services and shoppers.
    pub realm: Option<RealmId>,
    /// Store they work in; absent for services, and in a network without a chosen store.
    pub store: Option<StoreId>,
    /// Whether the store's customer base is a network's.
    pub network: Option<String>,
    /// What they may do.
    pub permissions: Permissions,
    /// Session, in text.
    pub session: Option<String>,
    /// How they proved who they are.
    pub methods: Vec<String>,
    /// When they did, in seconds since 1970.
    pub authenticated_at: Option<i64>,
    /// Who really acts.
    pub act: Option<Act>,
    /// Seconds since 1970 when this statement ends.
    pub expires_at: i64,
}

impl TryFrom<Claims> for Actor {
    type Error = Denied;

    fn try_from(claims: Claims) -> Result<Self, Denied> {
        Ok(Self {
            realm: id(claims.realm.as_deref())?,
            store: id(claims.store.as_deref())?,
            kind: claims.kind,
            subject: claims.sub,
            network: claims.network,
            permissions: claims.perms,
            session: claims.sid,
            methods: claims.amr,
            authenticated_at: claims.auth_time,
            act: claims.act,
            expires_at: claims.exp,
        })
    }
}

fn id<T: FromStr>(text: Option<&str>) -> Result<Option<T>, Denied> {
    text.map(str::parse).transpose().map_err(|_| Denied::Unauthenticated)
}

impl Actor {
    /// Whether this is staff or an integration, whose permissions decide.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        matches!(self.kind, Kind::Staff | Kind::ApiKey)
    }

    /// Whether what they do is an administrative action, which the audit records (AD-1): anything that people do not do
    /// for themselves.
    #[must_use]
    pub fn is_administrative(&self) -> bool {
        self.is_staff() || self.is_system() || self.act.is_some()
    }

    /// Whether a service calls for itself.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.kind == Kind::System
    }

    /// Whether they may see personal data in the clear (ID-23). Services may; a customer is asked about elsewhere.
    #[must_use]
    pub fn sees_pii(&self) -> bool {
        self.is_system() || (self.is_staff() && self.permissions.contains(Permission::CustomersPii))
    }

    /// Passes for services, and for staff or keys with `permission`.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        match self.kind {
            Kind::System => Ok(()),
            Kind::Staff | Kind::ApiKey if self.permissions.contains(permission) => Ok(()),
            _ => Err(Denied::Forbidden(permission.slug())),
        }
    }

    /// Passes for services only.
    pub fn require_system(&self) -> Result<(), Denied> {
        if self.is_system() { Ok(()) } else { Err(Denied::WrongCaller) }
    }

    /// The customer base they work in.
    pub fn realm(&self) -> Result<RealmId, Denied> {
        self.realm.ok_or(Denied::WrongCaller)
    }

    /// The store they work in; a caller with several has to choose one.
    pub fn store(&self) -> Result<StoreId, Denied> {
        self.store.ok_or(Denied::StoreRequired)
    }

    /// The customer who is signed in, if one is.
    #[must_use]
    pub fn customer(&self) -> Option<CustomerId> {
        (self.kind == Kind::Customer).then(|| self.subject.parse().ok()).flatten()
    }

    /// The customer who is signed in.
    pub fn require_customer(&self) -> Result<CustomerId, Denied> {
        self.customer().ok_or(Denied::Unauthenticated)
    }

    /// The staff member who is signed in, if one is.
    #[must_use]
    pub fn staff(&self) -> Option<StaffId> {
        (self.kind == Kind::Staff).then(|| self.subject.parse().ok()).flatten()
    }

    /// As histories and logs name them, such as `staff stf_…`: an id, never a name.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.kind.slug(), self.subject)
    }

    /// Whether the statement still holds at `now`.
    #[must_use]
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        now.timestamp() < self.expires_at
    }
}
