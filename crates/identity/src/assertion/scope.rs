//! Where a caller works: what a publishable key or a membership opens.
use kit::{
    assertion::Claims,
    denied::Denied,
    ids::{NetworkId, RealmId, StoreId},
    permission::Permissions,
};

use crate::{
    Error,
    membership::{Place, store::Reach},
};

/// Where a caller works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The store, unless it is a whole network.
    pub store: Option<StoreId>,
    /// The network, when the store is in one.
    pub network: Option<NetworkId>,
    /// Whether the customer base has a block list, as far as it matters: to shop fronts.
    pub has_blocks: bool,
}

impl Scope {
    /// The customer base: the network's, or the store's own.
    #[must_use]
    pub fn realm(&self) -> Option<RealmId> {
        let owner = self.network.map(NetworkId::uuid).or(self.store.map(StoreId::uuid));
        owner.map(RealmId::from_uuid)
    }

    /// Puts the place into `claims`.
    #[must_use]
    pub fn claim(&self, claims: Claims) -> Claims {
        Claims {
            realm: self.realm().map(String::from),
            store: self.store.map(String::from),
            network: self.network.map(String::from),
            blk: self.has_blocks,
            ..claims
        }
    }
}

/// Where a staff member with these memberships works, and what they may do there. `asked` says that they named a
/// store, `has_factor` that they signed in with a second factor: where one is required, a session without is none, and
/// whoever signs in anew enrols one (ID-20). Without a named store the first membership decides; without any membership
/// there is no place.
pub fn choose(memberships: &[Reach], asked: bool, has_factor: bool) -> Result<(Scope, Permissions), Error> {
    let is_enough = |reach: &&Reach| has_factor || !reach.factor_required;
    if asked {
        let reaching: Vec<&Reach> = memberships.iter().filter(|reach| reach.reached.is_some()).collect();
        let first = *reaching.first().ok_or(Error::StoreNotFound)?;
        let given: Vec<Permissions> = reaching.into_iter().filter(is_enough).map(permissions).collect();
        let permissions = given.into_iter().reduce(Permissions::union).ok_or(Denied::Unauthenticated)?;
        return Ok((scope(first), permissions));
    }
    let Some(first) = memberships.first() else {
        return Ok((Scope { store: None, network: None, has_blocks: false }, Permissions::default()));
    };
    if !is_enough(&first) {
        return Err(Denied::Unauthenticated.into());
    }
    Ok((scope(first), permissions(first)))
}

fn scope(reach: &Reach) -> Scope {
    Scope { store: reach.reached, network: reach.network_id.or(reach.reached_network), has_blocks: false }
}

fn permissions(reach: &Reach) -> Permissions {
    let in_network = reach.network_id.is_some() || reach.reached_network.is_some();
    Place::of(reach.store_id, reach.network_id)
        .map_or_else(Permissions::default, |place| reach.role.permissions(reach.custom.as_deref(), place, in_network))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kit::{failure::Failure as _, permission::Permission};

    use super::*;
    use crate::membership::Role;

    fn ids() -> (StoreId, NetworkId) {
        (StoreId::new(DateTime::UNIX_EPOCH), NetworkId::new(DateTime::UNIX_EPOCH))
    }

    fn of_store(store: StoreId, network: Option<NetworkId>, role: Role) -> Reach {
        let (store_id, reached) = (Some(store), Some(store));
        let (custom, factor_required) = (None, true);
        Reach { role, store_id, network_id: None, reached, reached_network: network, custom, factor_required }
    }

    fn of_network(network: NetworkId, reached: Option<StoreId>, role: Role) -> Reach {
        let reached_network = reached.map(|_| network);
        let (custom, factor_required) = (None, true);
        Reach { role, store_id: None, network_id: Some(network), reached, reached_network, custom, factor_required }
    }

    /// ID-21: without a choice the first membership decides, and nothing of the others is added; none opens nothing.
    #[test]
    fn the_first_membership_needs_no_choice() {
        let (store, network) = ids();
        let (scope, perms) = choose(&[of_store(store, None, Role::Owner)], false, true).expect("it is the only one");
        assert_eq!(scope, Scope { store: Some(store), network: None, has_blocks: false });
        assert_eq!(scope.realm().map(RealmId::uuid), Some(store.uuid()));
        assert_eq!(perms, Permissions::all());

        let (scope, _) = choose(&[of_network(network, None, Role::Owner)], false, true).expect("it is the only one");
        assert_eq!(scope, Scope { store: None, network: Some(network), has_blocks: false });
        assert_eq!(scope.realm().map(RealmId::uuid), Some(network.uuid()));

        let both = [of_store(store, None, Role::Moderator), of_network(network, None, Role::Owner)];
        let (scope, perms) = choose(&both, false, true).expect("the first decides");
        assert_eq!(scope, Scope { store: Some(store), network: None, has_blocks: false });
        assert!(!perms.contains(Permission::CustomersPii));
        assert_eq!(choose(&[], false, true).expect("it is nothing").1, Permissions::default());
    }

    /// ID-20: where a second factor is required, a session without one is none; elsewhere it goes on, and gives nothing
    /// of what the stricter place would add.
    #[test]
    fn a_required_factor_is_required() {
        let (store, network) = ids();
        let strict = of_store(store, None, Role::Owner);
        let lax = Reach { factor_required: false, ..strict.clone() };
        for asked in [false, true] {
            let refused = choose(std::slice::from_ref(&strict), asked, false);
            assert!(refused.is_err_and(|error| error.reason() == "unauthenticated"));
            assert_eq!(choose(std::slice::from_ref(&lax), asked, false).expect("it is covered").1, Permissions::all());
        }
        let lax = Reach { factor_required: false, ..of_store(store, Some(network), Role::Moderator) };
        let both = [lax, of_network(network, Some(store), Role::Owner)];
        assert!(!choose(&both, true, false).expect("it is covered").1.contains(Permission::CustomersPii));
        assert!(choose(&both, true, true).expect("it is covered").1.contains(Permission::CustomersPii));
    }

    /// ID-21: a named store must be covered; what several memberships give there adds up.
    #[test]
    fn a_named_store_must_be_covered() {
        let (store, network) = ids();
        let none = [of_network(network, None, Role::Owner)];
        assert!(matches!(choose(&none, true, true), Err(Error::StoreNotFound)));

        let two = [of_store(store, Some(network), Role::Moderator), of_network(network, Some(store), Role::SalesAgent)];
        let (scope, perms) = choose(&two, true, true).expect("it is covered");
        assert_eq!(scope, Scope { store: Some(store), network: Some(network), has_blocks: false });
        assert!(perms.contains(Permission::ReviewsModerate) && perms.contains(Permission::CartsWrite));
        assert!(!perms.contains(Permission::OrdersRefund));
    }
}
