//! The access review: who may do what, and when they last did.
use std::collections::HashMap;

use kit::{
    actor::Actor,
    clock::timestamp,
    ids::{NetworkId, RealmId, StaffId, StoreId},
    permission::Permission,
};
use proto::identity::v1 as pb;
use sqlx::PgExecutor;

use super::store::{self, Deed};
use crate::{
    Error,
    membership::{Place, Role},
};

/// Whose members are asked about.
#[derive(Clone, Copy, Debug)]
pub struct Within {
    /// Customer base.
    pub realm: RealmId,
    /// One store of it only.
    pub store: Option<StoreId>,
    /// The network whose customer base it is.
    pub network: Option<NetworkId>,
}

impl Within {
    /// Where `actor` works.
    pub fn of(actor: &Actor) -> Result<Self, Error> {
        let network = actor.network.as_deref().and_then(|id| id.parse().ok());
        Ok(Self { realm: actor.realm()?, store: actor.store, network })
    }
}

/// A membership of somebody.
#[derive(Clone, Debug, sqlx::FromRow)]
struct Member {
    id: StaffId,
    name: String,
    email: String,
    role: Role,
    /// What a role made of permissions gives.
    custom: Option<Vec<String>>,
    store_id: Option<StoreId>,
    network_id: Option<NetworkId>,
}

async fn members(db: impl PgExecutor<'_>, within: Within) -> Result<Vec<Member>, Error> {
    let members = sqlx::query_as(
        "select p.id, p.name, p.email, m.role, r.permissions as custom, m.store_id, m.network_id
         from (select * from memberships where network_id = $3
               union all
               select m.* from stores s join memberships m on m.store_id = s.id
               where s.realm_id = $1 and ($2::uuid is null or s.id = $2)) m
         join staff p on p.id = m.staff_id
         left join roles r on r.id = m.role_id
         order by p.name, p.id, m.created_at",
    );
    Ok(members.bind(within.realm).bind(within.store).bind(within.network).fetch_all(db).await?)
}

/// Everybody who may do anything, with what they did.
pub async fn review(db: &kit::Db, within: Within) -> Result<Vec<pb::Access>, Error> {
    let mut people: Vec<pb::Access> = Vec::new();
    for member in members(db.pool(), within).await? {
        let id = member.id.to_string();
        let Some(place) = Place::of(member.store_id, member.network_id) else { continue };
        let permissions = member.role.permissions(member.custom.as_deref(), place, within.network.is_some());
        let seat = pb::Seat {
            place: place.to_string(),
            role: member.role.slug().to_owned(),
            permissions: permissions.iter().map(Permission::slug).map(str::to_owned).collect(),
        };
        match people.last_mut().filter(|last| last.staff == id) {
            Some(last) => last.seats.push(seat),
            None => people.push(pb::Access {
                staff: id,
                name: member.name,
                email: member.email,
                seats: vec![seat],
                ..pb::Access::default()
            }),
        }
    }
    let staff: Vec<_> = people.iter().map(|access| access.staff.clone()).collect();
    let mut deeds: HashMap<String, Vec<Deed>> = HashMap::new();
    for deed in store::deeds(db.pool(), within.realm, &staff).await? {
        deeds.entry(deed.actor_id.clone()).or_default().push(deed);
    }
    for access in &mut people {
        let own = deeds.remove(&access.staff).unwrap_or_default();
        access.last_at = own.first().map(|deed| timestamp(deed.last_at));
        access.deeds = own.into_iter().map(told).collect();
    }
    Ok(people)
}

fn told(deed: Deed) -> pb::Deed {
    pb::Deed { action: deed.action, at: Some(timestamp(deed.last_at)), times: deed.times }
}
