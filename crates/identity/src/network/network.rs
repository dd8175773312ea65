//! A network and what makes stores fit to join one.
use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kit::{
    actor::Actor,
    failure::Violation,
    ids::{NetworkId, RealmId, StoreId},
    secret,
};
use proto::identity::v1 as pb;

use crate::{
    Error, input,
    shop::{Store, shop},
};

/// A network.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// Display name.
    pub name: String,
    /// Publishable key, good for all member stores.
    pub key: String,
    /// ISO 4217 code of totals across stores.
    pub currency: String,
    /// Whether network reviews are allowed (RE-7).
    pub reviews_enabled: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A network to make.
#[derive(Clone, Debug)]
pub struct Plan {
    name: String,
    currency: String,
    reviews_enabled: bool,
    /// Its members.
    pub stores: Vec<StoreId>,
}

impl Plan {
    /// Reads a request.
    pub fn parse(request: &pb::CreateNetworkRequest) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let name = faults.take(input::text("/name", &request.name, 120));
        let currency = faults.take(shop::currency(&request.currency));
        let stores = faults.take(members(&request.stores));
        match (name, currency, stores) {
            (Some(name), Some(currency), Some(stores)) => {
                Ok(Self { name, currency, reviews_enabled: request.reviews_enabled, stores })
            }
            _ => Err(faults.into()),
        }
    }

    /// The network, with a fresh key.
    #[must_use]
    pub fn build(&self, now: DateTime<Utc>) -> Network {
        Network {
            id: NetworkId::new(now),
            name: self.name.clone(),
            key: secret::token("network"),
            currency: self.currency.clone(),
            reviews_enabled: self.reviews_enabled,
            created_at: now,
        }
    }
}

fn members(ids: &[String]) -> Result<Vec<StoreId>, Violation> {
    let mut known = HashSet::new();
    let stores = ids.iter().enumerate().map(|(index, id)| {
        let id = id.parse::<StoreId>().map_err(|_| unknown(index))?;
        let fresh = known.insert(id);
        fresh.then_some(id).ok_or_else(|| Violation::new(pointer(index), "duplicate", "this store is named twice"))
    });
    let stores = stores.collect::<Result<Vec<_>, _>>()?;
    if stores.is_empty() { Err(input::required("/stores")) } else { Ok(stores) }
}

fn pointer(index: usize) -> String {
    format!("/stores/{index}")
}

/// The fault of naming a store that does not exist.
#[must_use]
pub fn unknown(index: usize) -> Violation {
    Violation::new(pointer(index), "unknown", "there is no such store")
}

impl Network {
    /// The customer base of its members.
    #[must_use]
    pub fn realm(&self) -> RealmId {
        RealmId::from_uuid(self.id.uuid())
    }

    /// Whether `actor` may know it: services any, others their own.
    #[must_use]
    pub fn is_visible_to(&self, actor: &Actor) -> bool {
        actor.is_system() || actor.realm == Some(self.realm())
    }

    /// As `actor` sees it with its `stores`: keys are for staff and services only.
    #[must_use]
    pub fn shown_to(self, actor: &Actor, stores: Vec<Store>) -> pb::Network {
        pb::Network {
            id: self.id.into(),
            realm: self.realm().into(),
            name: self.name,
            key: if actor.is_system() || actor.is_staff() { self.key } else { String::new() },
            stores: stores.into_iter().map(|store| store.shown_to(actor)).collect(),
            reviews_enabled: self.reviews_enabled,
            currency: self.currency,
        }
    }
}
