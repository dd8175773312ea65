//! A membership: somebody's role in a place.
use std::{fmt, str::FromStr};

use kit::{
    actor::Actor,
    denied::Denied,
    ids::{InvalidId, NetworkId, StaffId, StoreId},
    permission::{Permission, Permissions},
};

use super::Assigned;

/// What one can be a member of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One store.
    Store(StoreId),
    /// A network, and so all its stores.
    Network(NetworkId),
}

impl Place {
    /// The place of two columns, of which one is set.
    #[must_use]
    pub fn of(store: Option<StoreId>, network: Option<NetworkId>) -> Option<Self> {
        store.map(Self::Store).or(network.map(Self::Network))
    }

    /// Where `actor` works: the store, or a network without a chosen one.
    pub fn worked_in(actor: &Actor) -> Result<Self, Denied> {
        let network = || actor.network.as_deref().and_then(|id| id.parse().ok()).map(Self::Network);
        actor.store.map(Self::Store).or_else(network).ok_or(Denied::StoreRequired)
    }

    /// What of `permissions` can be given here. A store of a network shares its customers: merging and deleting them is
    /// for those who work for the network (ID-21).
    #[must_use]
    pub fn limit(self, permissions: Permissions, in_network: bool) -> Permissions {
        let shared = matches!(self, Self::Store(_)) && in_network;
        let beyond = [Permission::CustomersMerge, Permission::CustomersDelete];
        permissions.iter().filter(|permission| !(shared && beyond.contains(permission))).collect()
    }

    /// The store, when it is one.
    #[must_use]
    pub fn store(self) -> Option<StoreId> {
        if let Self::Store(id) = self { Some(id) } else { None }
    }

    /// The network, when it is one.
    #[must_use]
    pub fn network(self) -> Option<NetworkId> {
        if let Self::Network(id) = self { Some(id) } else { None }
    }
}

impl FromStr for Place {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self::Store).or_else(|_| text.parse().map(Self::Network))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(id) => id.fmt(f),
            Self::Network(id) => id.fmt(f),
        }
    }
}

/// Somebody's role in a place.
#[derive(Clone, Copy, Debug)]
pub struct Membership {
    /// Who.
    pub staff: StaffId,
    /// Where.
    pub place: Place,
    /// As what.
    pub role: Assigned,
}
