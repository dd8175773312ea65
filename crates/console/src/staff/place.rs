//! Where a staff member works: one of their stores, or all of a network.
use proto::identity::v1::{Membership, Staff};

/// A choice of the store switcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `sto_…`; empty for all stores.
    pub store: String,
    /// Display name.
    pub name: String,
}

/// The places of a staff member. All stores at once is a choice where a network is the only membership, because
/// several customer bases are never shown together.
pub fn places(staff: &Staff) -> Vec<Place> {
    let mut places = Vec::new();
    if let [only] = &staff.memberships[..]
        && only.place.starts_with("net_")
    {
        places.push(Place { store: String::new(), name: "All stores".to_owned() });
    }
    for store in staff.memberships.iter().flat_map(|membership| &membership.stores) {
        if !places.iter().any(|place: &Place| place.store == store.id) {
            places.push(Place { store: store.id.clone(), name: store.name.clone() });
        }
    }
    places
}

/// The place to start in: the one chosen before when it is still theirs, else the first one.
pub fn first_place(staff: &Staff, before: &str) -> String {
    if let [only] = &staff.memberships[..]
        && (before.is_empty() || only.stores.len() == 1)
    {
        return String::new();
    }
    let places = places(staff);
    let kept = places.iter().find(|place| place.store == before);
    kept.or(places.first()).map(|place| place.store.clone()).unwrap_or_default()
}

/// The memberships that open `store`; all of them when none is named.
pub fn memberships<'a>(staff: &'a Staff, store: &'a str) -> impl Iterator<Item = &'a Membership> {
    staff
        .memberships
        .iter()
        .filter(move |membership| store.is_empty() || membership.stores.iter().any(|candidate| candidate.id == store))
}

#[cfg(test)]
mod tests {
    use proto::identity::v1::membership::Store;

    use super::*;

    fn staff(memberships: &[(&str, &[&str])]) -> Staff {
        let store = |id: &&str| Store { id: (*id).to_owned(), name: format!("Shop {id}") };
        let membership = |(place, stores): &(&str, &[&str])| Membership {
            place: (*place).to_owned(),
            role: "owner".to_owned(),
            role_name: "Owner".to_owned(),
            permissions: Vec::new(),
            stores: stores.iter().map(store).collect(),
        };
        Staff { memberships: memberships.iter().map(membership).collect(), ..Staff::default() }
    }

    fn stores(staff: &Staff) -> Vec<String> {
        places(staff).into_iter().map(|place| place.store).collect()
    }

    #[test]
    fn a_network_opens_all_its_stores_at_once() {
        let staff = staff(&[("net_1", &["sto_1", "sto_2"])]);
        assert_eq!(stores(&staff), ["", "sto_1", "sto_2"]);
        assert_eq!(first_place(&staff, ""), "");
        assert_eq!(first_place(&staff, "sto_2"), "sto_2");
    }

    #[test]
    fn a_single_store_needs_no_choice() {
        let staff = staff(&[("sto_1", &["sto_1"])]);
        assert_eq!(stores(&staff), ["sto_1"]);
        assert_eq!(first_place(&staff, "sto_9"), "");
    }

    #[test]
    fn several_memberships_are_several_customer_bases() {
        let staff = staff(&[("net_1", &["sto_1", "sto_2"]), ("sto_3", &["sto_3"])]);
        assert_eq!(stores(&staff), ["sto_1", "sto_2", "sto_3"]);
        assert_eq!(first_place(&staff, ""), "sto_1");
        assert_eq!(first_place(&staff, "sto_3"), "sto_3");
        assert_eq!(first_place(&staff, "sto_9"), "sto_1");
    }
}
