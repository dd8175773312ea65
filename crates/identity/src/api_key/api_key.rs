//! A key of an integration: what it may do, from where and until when.
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use ipnet::IpNet;
use kit::{
    audit::json,
    clock::timestamp,
    failure::Violation,
    ids::{ApiKeyId, NetworkId, StoreId},
    permission::{Permission, Permissions},
};
use proto::identity::v1 as pb;

use crate::{Error, input, membership::Place};

/// What secrets begin with, before the underscore.
pub const PREFIX: &str = "sk";
/// How much of a secret is shown again.
const HINT: usize = 10;
/// Most networks of a key.
const NETWORKS: usize = 50;

/// A key of an integration.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The store it works in.
    pub store_id: Option<StoreId>,
    /// The network it works in.
    pub network_id: Option<NetworkId>,
    /// Display name.
    pub name: String,
    /// What its secret begins with.
    pub hint: String,
    /// Slugs of what it may do. What is no permission any longer gives none.
    pub permissions: Vec<String>,
    /// Networks it may be used from; empty for any.
    pub allowed_ips: Vec<String>,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// What it may do.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.permissions.iter().filter_map(|slug| slug.parse::<Permission>().ok()).collect()
    }

    /// Where it works.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Place::of(self.store_id, self.network_id)
    }

    /// Whether it may be used from `address`, the client's as the gateway knows it. An address that is not known is
    /// allowed only where any is.
    #[must_use]
    pub fn allows(&self, address: &str) -> bool {
        let address: Option<IpAddr> = address.parse().ok();
        let covers = |network: &IpNet| address.is_some_and(|address| network.contains(&address.to_canonical()));
        self.allowed_ips.is_empty() || networks(&self.allowed_ips).iter().any(covers)
    }

    /// What the audit keeps of it.
    #[must_use]
    pub fn audited(&self) -> serde_json::Value {
        json!({
            "name": self.name, "permissions": self.permissions, "allowed_ips": self.allowed_ips,
            "expires_at": self.expires_at.map(|at| at.to_rfc3339()),
        })
    }

    /// As the API tells it; `secret` only in the answer that made it.
    #[must_use]
    pub fn told(self, secret: String) -> pb::ApiKey {
        pb::ApiKey {
            id: self.id.into(),
            place: self.place().map(|place| place.to_string()).unwrap_or_default(),
            permissions: self.permissions().slugs(),
            name: self.name,
            secret,
            prefix: self.hint,
            allowed_ips: self.allowed_ips,
            created_by: self.created_by,
            created_at: Some(timestamp(self.created_at)),
            expires_at: self.expires_at.map(timestamp),
            last_used_at: self.last_used_at.map(timestamp),
        }
    }
}

/// The part of `secret` that is shown again.
#[must_use]
pub fn hint(secret: &str) -> String {
    secret.chars().take(HINT).collect()
}

fn networks(texts: &[String]) -> Vec<IpNet> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

/// What somebody wants a key to be.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) name: String,
    pub(super) permissions: Permissions,
    pub(super) allowed: Vec<IpNet>,
    pub(super) expires_at: Option<DateTime<Utc>>,
}

impl Plan {
    /// Reads a request, or tells all its faults.
    pub fn parse(request: &pb::CreateApiKeyRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let name = faults.take(input::text("/name", &request.name, 120));
        let permissions = faults.take(permissions(&request.permissions));
        let allowed = faults.take(allowed(&request.allowed_ips));
        let expires_at = faults.take(input::later("/expires_at", request.expires_at.as_ref(), now));
        match (name, permissions, allowed, expires_at) {
            (Some(name), Some(permissions), Some(allowed), Some(expires_at)) => {
                Ok(Self { name, permissions, allowed, expires_at })
            }
            _ => Err(faults.into()),
        }
    }

    /// The same within what `maker` is itself bound to, when an integration makes it: a key cannot make one that lasts
    /// longer or comes from elsewhere.
    pub fn within(mut self, maker: &ApiKey) -> Result<Self, Error> {
        let bound = networks(&maker.allowed_ips);
        let outside = |own: &IpNet| !bound.is_empty() && !bound.iter().any(|bound| bound.contains(own));
        if let Some(place) = self.allowed.iter().position(outside) {
            let detail = "the key that makes this one may not be used from there itself";
            return Err(Violation::new(format!("/allowed_ips/{place}"), "beyond_own", detail).into());
        }
        if self.allowed.is_empty() {
            self.allowed = bound;
        }
        self.expires_at = match (self.expires_at, maker.expires_at) {
            (Some(asked), Some(bound)) if asked > bound => {
                let detail = "the key that makes this one ends earlier itself";
                return Err(Violation::new("/expires_at", "beyond_own", detail).into());
            }
            (asked, bound) => asked.or(bound),
        };
        Ok(self)
    }
}

/// A set of permissions by their slugs, each once, at least one.
pub fn permissions(slugs: &[String]) -> Result<Permissions, Violation> {
    if slugs.is_empty() {
        return Err(Violation::new("/permissions", "required", "name at least one permission"));
    }
    let unknown = |index| Violation::new(format!("/permissions/{index}"), "unknown", "there is no such permission");
    let read = |(index, slug): (usize, &String)| slug.parse::<Permission>().map_err(|_| unknown(index));
    slugs.iter().enumerate().map(read).collect()
}

fn allowed(texts: &[String]) -> Result<Vec<IpNet>, Violation> {
    if texts.len() > NETWORKS {
        let detail = format!("at most {NETWORKS} networks are allowed");
        return Err(Violation::new("/allowed_ips", "too_many", detail));
    }
    let read = |(index, text): (usize, &String)| input::network(&format!("/allowed_ips/{index}"), text);
    texts.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn request() -> pb::CreateApiKeyRequest {
        pb::CreateApiKeyRequest {
            name: "Accounting".to_owned(),
            permissions: vec!["orders.read".to_owned()],
            ..pb::CreateApiKeyRequest::default()
        }
    }

    fn key(allowed: &[&str]) -> ApiKey {
        ApiKey {
            id: ApiKeyId::new(DateTime::UNIX_EPOCH),
            store_id: None,
            network_id: None,
            name: String::new(),
            hint: String::new(),
            permissions: Vec::new(),
            allowed_ips: allowed.iter().map(|&text| text.to_owned()).collect(),
            created_by: String::new(),
            created_at: DateTime::UNIX_EPOCH,
            expires_at: None,
            last_used_at: None,
        }
    }

    fn fault(request: &pb::CreateApiKeyRequest) -> Option<String> {
        match Plan::parse(request, DateTime::UNIX_EPOCH) {
            Err(Error::Kit(kit::Error::Invalid(faults))) => Some(faults[0].pointer.clone().into_owned()),
            _ => None,
        }
    }

    /// ID-24: a key with an allow-list is good from its networks alone, and from nowhere when the address is unknown.
    #[test]
    fn an_allow_list_is_kept() {
        let bound = key(&["192.0.2.0/24", "2001:db8::/32"]);
        for (address, good) in [
            ("192.0.2.7", true),
            ("::ffff:192.0.2.7", true),
            ("2001:db8::1", true),
            ("192.0.3.7", false),
            ("", false),
            ("nonsense", false),
        ] {
            assert_eq!(bound.allows(address), good, "{address}");
        }
        assert!(key(&[]).allows("") && key(&[]).allows("192.0.2.7"));
    }

    /// ID-24: what a key is made of exists; networks are read in one form.
    #[test]
    fn plans_are_read() {
        let nets = vec!["192.0.2.7/24".to_owned(), "2001:db8::1".to_owned()];
        let plan = Plan::parse(&pb::CreateApiKeyRequest { allowed_ips: nets, ..request() }, DateTime::UNIX_EPOCH);
        let allowed: Vec<String> = plan.expect("it is good").allowed.iter().map(ToString::to_string).collect();
        assert_eq!(allowed, ["192.0.2.0/24", "2001:db8::1/128"]);
        let past = Some(timestamp(DateTime::UNIX_EPOCH));
        let wrong = [
            (pb::CreateApiKeyRequest { name: String::new(), ..request() }, "/name"),
            (pb::CreateApiKeyRequest { permissions: vec![], ..request() }, "/permissions"),
            (pb::CreateApiKeyRequest { permissions: vec!["root".to_owned()], ..request() }, "/permissions/0"),
            (pb::CreateApiKeyRequest { allowed_ips: vec!["here".to_owned()], ..request() }, "/allowed_ips/0"),
            (pb::CreateApiKeyRequest { expires_at: past, ..request() }, "/expires_at"),
        ];
        for (request, pointer) in wrong {
            assert_eq!(fault(&request).as_deref(), Some(pointer));
        }
    }

    /// ID-24: a key makes none that comes from elsewhere or lasts longer than itself.
    #[test]
    fn a_key_makes_no_wider_one() {
        let end = DateTime::UNIX_EPOCH + TimeDelta::days(7);
        let maker = ApiKey { expires_at: Some(end), ..key(&["192.0.2.0/24"]) };
        let plan = |allowed: &[&str], days| {
            let expires_at = Some(timestamp(DateTime::UNIX_EPOCH + TimeDelta::days(days)));
            let allowed_ips = allowed.iter().map(|&text| text.to_owned()).collect();
            Plan::parse(&pb::CreateApiKeyRequest { allowed_ips, expires_at, ..request() }, DateTime::UNIX_EPOCH)
                .expect("it is well formed")
        };
        assert!(plan(&["192.0.2.8/30"], 7).within(&maker).is_ok());
        assert!(plan(&["192.0.2.8/30"], 8).within(&maker).is_err());
        assert!(plan(&["192.0.0.0/16"], 7).within(&maker).is_err());
        let open = Plan::parse(&request(), DateTime::UNIX_EPOCH).expect("it is well formed");
        let bound = open.within(&maker).expect("it takes over what binds its maker");
        assert_eq!((bound.allowed.len(), bound.expires_at), (1, Some(end)));
    }
}
