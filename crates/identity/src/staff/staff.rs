//! A staff member with memberships, as they themselves see it.
use kit::ids::{NetworkId, RoleId, StaffId, StoreId};
use proto::identity::v1::{self as pb, membership};

use crate::membership::{Place, Role};

/// A person who works for stores.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Their id.
    pub id: StaffId,
    /// Display name.
    pub name: String,
    /// E-mail address they sign in with, as entered.
    pub email: String,
    /// What they are, and where.
    pub memberships: Vec<Seat>,
}

/// A membership with the stores it opens.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Where.
    pub place: Place,
    /// As what.
    pub role: Role,
    /// The role made of permissions, if it is one: id, name and what it gives.
    pub custom: Option<(RoleId, String, Vec<String>)>,
    /// Id and name of each store, oldest first.
    pub stores: Vec<(StoreId, String)>,
    /// Whether the stores share their customers.
    pub in_network: bool,
}

/// A staff member, one membership of theirs and one store it opens.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    id: StaffId,
    name: String,
    email: String,
    role: Option<Role>,
    role_id: Option<RoleId>,
    role_name: Option<String>,
    custom: Option<Vec<String>>,
    member_store: Option<StoreId>,
    member_network: Option<NetworkId>,
    store: Option<StoreId>,
    store_name: Option<String>,
    store_network: Option<NetworkId>,
}

impl Staff {
    /// The staff member of rows that are sorted by membership; `None` of none.
    #[must_use]
    pub fn fold(rows: Vec<Row>) -> Option<Self> {
        let mut staff: Option<Self> = None;
        for row in rows {
            let place = Place::of(row.member_store, row.member_network);
            let staff = staff.get_or_insert_with(|| Self {
                id: row.id,
                name: row.name,
                email: row.email,
                memberships: Vec::new(),
            });
            let (Some(place), Some(role)) = (place, row.role) else { continue };
            let in_network = row.store_network.is_some() || place.network().is_some();
            if staff.memberships.last().is_none_or(|seat| seat.place != place) {
                let custom =
                    row.role_id.map(|id| (id, row.role_name.unwrap_or_default(), row.custom.unwrap_or_default()));
                staff.memberships.push(Seat { place, role, custom, stores: Vec::new(), in_network });
            }
            if let (Some(seat), Some(id), Some(name)) = (staff.memberships.last_mut(), row.store, row.store_name) {
                seat.stores.push((id, name));
            }
        }
        staff
    }
}

impl From<Staff> for pb::Staff {
    fn from(staff: Staff) -> Self {
        Self {
            id: staff.id.into(),
            name: staff.name,
            email: staff.email,
            memberships: staff.memberships.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Seat> for pb::Membership {
    fn from(seat: Seat) -> Self {
        let made_of = seat.custom.as_ref().map(|(.., made_of)| made_of.as_slice());
        let permissions = seat.role.permissions(made_of, seat.place, seat.in_network).slugs();
        let stores = seat.stores.into_iter().map(|(id, name)| membership::Store { id: id.into(), name });
        let (role, role_name) = match seat.custom {
            Some((id, name, _)) => (id.into(), name),
            None => (seat.role.slug().to_owned(), seat.role.name().to_owned()),
        };
        Self { place: seat.place.to_string(), role, role_name, permissions, stores: stores.collect() }
    }
}
