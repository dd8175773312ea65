//! The access review: who may do what, and when they last did.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kit::{
    actor::{Actor, Kind},
    clock::{datetime, timestamp},
    ids::{NetworkId, RealmId, StaffId, StoreId},
    permission::Permission,
};
use proto::identity::v1 as pb;
use sqlx::PgExecutor;

use super::store::{self, Deed};
use crate::{
    Error,
    api_key::ApiKey,
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

/// Keys of integrations that are good at `now`.
async fn keys(db: impl PgExecutor<'_>, within: Within, now: DateTime<Utc>) -> Result<Vec<ApiKey>, Error> {
    let keys = sqlx::query_as(
        "select k.* from (select * from api_keys where network_id = $3
                          union all
                          select k.* from stores s join api_keys k on k.store_id = s.id
                          where s.realm_id = $1 and ($2::uuid is null or s.id = $2)) k
         where k.revoked_at is null and (k.expires_at is null or k.expires_at > $4) order by k.created_at, k.id",
    );
    Ok(keys.bind(within.realm).bind(within.store).bind(within.network).bind(now).fetch_all(db).await?)
}

/// Everybody who may do anything at `now`, with what they did: staff, then keys.
pub async fn review(db: &kit::Db, within: Within, now: DateTime<Utc>) -> Result<Vec<pb::Access>, Error> {
    let mut access = staff(members(db.pool(), within).await?, within);
    access.extend(keys(db.pool(), within, now).await?.into_iter().map(of_key));
    let ids: Vec<_> = access.iter().map(|access| access.id.clone()).collect();
    let mut deeds: HashMap<String, Vec<Deed>> = HashMap::new();
    for deed in store::deeds(db.pool(), within.realm, &ids).await? {
        deeds.entry(deed.actor_id.clone()).or_default().push(deed);
    }
    for access in &mut access {
        let own = deeds.remove(&access.id).unwrap_or_default();
        // A key that only reads does nothing that is recorded; when it was used is known to the minute.
        let used = access.last_at.as_ref().and_then(datetime);
        access.last_at = own.first().map(|deed| deed.last_at).max(used).map(timestamp);
        access.deeds = own.into_iter().map(told).collect();
    }
    Ok(access)
}

/// One for each person, with all their seats.
fn staff(members: Vec<Member>, within: Within) -> Vec<pb::Access> {
    let mut people: Vec<pb::Access> = Vec::new();
    for member in members {
        let id = member.id.to_string();
        let Some(place) = Place::of(member.store_id, member.network_id) else { continue };
        let permissions = member.role.permissions(member.custom.as_deref(), place, within.network.is_some());
        let seat = pb::Seat {
            place: place.to_string(),
            role: member.role.slug().to_owned(),
            permissions: permissions.iter().map(Permission::slug).map(str::to_owned).collect(),
        };
        match people.last_mut().filter(|last| last.id == id) {
            Some(last) => last.seats.push(seat),
            None => people.push(pb::Access {
                kind: Kind::Staff.slug().to_owned(),
                id,
                name: member.name,
                email: member.email,
                seats: vec![seat],
                ..pb::Access::default()
            }),
        }
    }
    people
}

fn of_key(key: ApiKey) -> pb::Access {
    let place = key.place().map(|place| place.to_string()).unwrap_or_default();
    let seat = pb::Seat { place, role: String::new(), permissions: key.permissions().slugs() };
    pb::Access {
        kind: Kind::ApiKey.slug().to_owned(),
        id: key.id.into(),
        name: key.name,
        seats: vec![seat],
        last_at: key.last_used_at.map(timestamp),
        expires_at: key.expires_at.map(timestamp),
        allowed_ips: key.allowed_ips,
        ..pb::Access::default()
    }
}

fn told(deed: Deed) -> pb::Deed {
    pb::Deed { action: deed.action, at: Some(timestamp(deed.last_at)), times: deed.times }
}
