//! Which records a caller works with: a whole realm's, or those that one store of a network knows.
use kit::{
    actor::Actor,
    denied::Denied,
    ids::{RealmId, StoreId},
};

/// A realm, narrowed to one of its stores where the caller works in that store of a network (ID-21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The customer base.
    pub realm: RealmId,
    /// The store whose customers and figures are meant; absent for the whole realm.
    pub store: Option<StoreId>,
}

impl Scope {
    /// All of `realm`.
    #[must_use]
    pub const fn realm(realm: RealmId) -> Self {
        Self { realm, store: None }
    }

    /// What `actor` works with. A store in no network is its own realm, so nothing is narrowed there.
    pub fn of(actor: &Actor) -> Result<Self, Denied> {
        let realm = actor.realm()?;
        Ok(Self { realm, store: actor.store.filter(|store| store.uuid() != realm.uuid()) })
    }
}
