//! Who does a request, and what that lets them do. Every service asks here itself (ID-30).
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    assertion::{Act, Claims},
    denied::Denied,
    ids::{CustomerId, RealmId, StaffId, StoreId},
    permission::{Permission, Permissions},
};

/// How long somebody counts as having just proved who they are.
pub const RECENT: TimeDelta = TimeDelta::minutes(15);
/// Name among methods of a check-out link (CA-6): staff made it, it may have been passed on, and it proves nobody.
pub const CHECKOUT_LINK: &str = "checkout_link";
/// Names of second factors among methods.
pub const FACTORS: [&str; 2] = ["otp", "recovery"];

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
    /// Whether the customer base has a block list (ID-26).
    pub has_blocks: bool,
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
            has_blocks: claims.blk,
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

    /// Passes for services, and for staff who proved within the last [`RECENT`] who they are, with everything they have:
    /// what dangerous actions ask for. An integration proves nothing anew.
    pub fn require_recent(&self, now: DateTime<Utc>) -> Result<(), Denied> {
        match self.kind {
            Kind::System => Ok(()),
            Kind::Staff if self.is_recent(now) => Ok(()),
            Kind::Staff => Err(Denied::StepUpRequired),
            _ => Err(Denied::WrongCaller),
        }
    }

    /// The same, and it was a second factor they proved it with.
    pub fn require_recent_factor(&self, now: DateTime<Utc>) -> Result<(), Denied> {
        self.require_recent(now)?;
        if self.is_system() || self.has_factor() { Ok(()) } else { Err(Denied::StepUpRequired) }
    }

    /// Whether a second factor was among what they proved who they are with.
    #[must_use]
    pub fn has_factor(&self) -> bool {
        self.methods.iter().any(|method| FACTORS.contains(&method.as_str()))
    }

    /// Passes unless somebody else acts in their name (ID-25), or they came by a check-out link only (CA-6): some things
    /// are for the person alone.
    pub fn require_self(&self) -> Result<(), Denied> {
        if self.act.is_some() {
            Err(Denied::Impersonated)
        } else if self.methods.iter().any(|method| method == CHECKOUT_LINK) {
            Err(Denied::SignInRequired)
        } else {
            Ok(())
        }
    }

    fn is_recent(&self, now: DateTime<Utc>) -> bool {
        self.authenticated_at.is_some_and(|at| now.timestamp() - at < RECENT.num_seconds())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(kind: Kind, methods: &[&str]) -> Actor {
        let claims = Claims::new(kind, "stf_1", DateTime::UNIX_EPOCH);
        let amr = methods.iter().map(|&method| method.to_owned()).collect();
        Claims { amr, auth_time: Some(0), ..claims }.try_into().expect("it is well formed")
    }

    /// ID-20: what was proved counts as recent for a quarter of an hour, to the second; an integration proves nothing.
    #[test]
    fn a_step_up_lasts_a_quarter_of_an_hour() {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let staff = actor(Kind::Staff, &["password", "otp"]);
        assert_eq!(staff.require_recent_factor(at(15 * 60 - 1)), Ok(()));
        assert_eq!(staff.require_recent(at(15 * 60)), Err(Denied::StepUpRequired));
        let plain = actor(Kind::Staff, &["password"]);
        assert_eq!(plain.require_recent(at(1)), Ok(()));
        assert_eq!(plain.require_recent_factor(at(1)), Err(Denied::StepUpRequired));
        assert_eq!(actor(Kind::ApiKey, &["otp"]).require_recent(at(1)), Err(Denied::WrongCaller));
        assert_eq!(actor(Kind::System, &[]).require_recent_factor(at(9000)), Ok(()));
    }

    /// ID-25: what is for the person alone is refused to whoever acts in their name.
    #[test]
    fn an_impersonator_is_not_the_person() {
        let own = actor(Kind::Customer, &["password"]);
        let act = Act { kind: Kind::Staff, sub: "stf_1".into(), session: "ses_1".into(), reason: "asked".into() };
        assert_eq!(own.require_self(), Ok(()));
        assert_eq!(actor(Kind::Customer, &[CHECKOUT_LINK]).require_self(), Err(Denied::SignInRequired));
        assert_eq!(Actor { act: Some(act), ..own }.require_self(), Err(Denied::Impersonated));
    }
}
