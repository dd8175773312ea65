//! All SQL of memberships.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    db::on_unique,
    failure::Violation,
    ids::{NetworkId, RealmId, RoleId, StaffId, StoreId},
    permission::Permissions,
};
use sqlx::PgExecutor;

use super::{Assigned, Member, Membership, Place, Role, Standing};
use crate::Error;

/// Adds a membership. A place that does not exist is a fault of the request.
pub async fn insert(tx: &mut Tx, membership: &Membership, now: DateTime<Utc>) -> Result<(), Error> {
    let unknown = || Error::from(Violation::new("/place", "unknown", "there is no such store or network"));
    let constraint = match membership.place {
        Place::Store(_) => "memberships_store_id_fkey",
        Place::Network(_) => "memberships_network_id_fkey",
    };
    let (role, role_id) = membership.role.columns();
    sqlx::query(
        "insert into memberships (staff_id, store_id, network_id, role, role_id, created_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(membership.staff)
    .bind(membership.place.store())
    .bind(membership.place.network())
    .bind(role)
    .bind(role_id)
    .bind(now)
    .execute(&mut **tx)
    .await
    .map_err(on_unique(constraint, unknown))
    .map_err(already_member)?;
    Ok(())
}

fn already_member(error: Error) -> Error {
    match error {
        Error::Kit(kit::Error::Database(cause)) => on_unique("memberships_place_key", || Error::AlreadyMember)(cause),
        error => error,
    }
}

/// A membership, and the store it was asked about or is of.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Reach {
    /// As what.
    pub role: Role,
    /// The store it is of.
    pub store_id: Option<StoreId>,
    /// The network it is of.
    pub network_id: Option<NetworkId>,
    /// The store that is reached: the one asked for, else the one it is of.
    pub reached: Option<StoreId>,
    /// The network of the reached store.
    pub reached_network: Option<NetworkId>,
    /// What a role made of permissions gives.
    pub custom: Option<Vec<String>>,
    /// Whether a second factor is needed there.
    pub factor_required: bool,
}

/// All memberships of `staff`, oldest first, each with whether it reaches `store`, else with the store it is of.
pub async fn reach(db: impl PgExecutor<'_>, staff: StaffId, store: Option<StoreId>) -> Result<Vec<Reach>, Error> {
    let memberships = sqlx::query_as(
        "select m.role, m.store_id, m.network_id, s.id as reached, s.network_id as reached_network,
                r.permissions as custom, coalesce(n.factor_required, s.factor_required, true) as factor_required
         from memberships m
         left join stores s on s.id = coalesce($2, m.store_id) and (s.id = m.store_id or s.network_id = m.network_id)
         left join networks n on n.id = coalesce(m.network_id, s.network_id)
         left join roles r on r.id = m.role_id
         where m.staff_id = $1 order by m.created_at",
    );
    Ok(memberships.bind(staff).bind(store).fetch_all(db).await?)
}

/// Keeps everybody else from changing who works in the customer base of `place`, until the end of the transaction.
pub async fn lock(tx: &mut Tx, place: Place) -> Result<(), Error> {
    sqlx::query(
        "select pg_advisory_xact_lock(hashtextextended(
           'members ' || coalesce((select realm_id from stores where id = $1), $2)::text, 0))",
    )
    .bind(place.store())
    .bind(place.network())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether the customers of `place` are a network's.
pub async fn is_shared(tx: &mut Tx, place: Place) -> Result<bool, Error> {
    let Some(store) = place.store() else { return Ok(true) };
    let shared = sqlx::query_scalar("select network_id is not null from stores where id = $1");
    Ok(shared.bind(store).fetch_optional(&mut **tx).await?.unwrap_or_default())
}

#[derive(sqlx::FromRow)]
struct Right {
    role: Role,
    store_id: Option<StoreId>,
    network_id: Option<NetworkId>,
    custom: Option<Vec<String>>,
    shared: bool,
}

/// How `staff` stands in `place`: by its own memberships and those of its network.
pub async fn standing(tx: &mut Tx, staff: StaffId, place: Place) -> Result<Standing, Error> {
    let rights: Vec<Right> = sqlx::query_as(
        "select m.role, m.store_id, m.network_id, r.permissions as custom,
                coalesce(s.network_id is not null, true) as shared
         from memberships m
         left join stores s on s.id = $2
         left join roles r on r.id = m.role_id
         where m.staff_id = $1 and (m.store_id = $2 or m.network_id = coalesce($3, s.network_id))",
    )
    .bind(staff)
    .bind(place.store())
    .bind(place.network())
    .fetch_all(&mut **tx)
    .await?;
    let mut standing =
        Standing { permissions: Permissions::default(), is_owner: false, in_network: is_shared(tx, place).await? };
    for right in rights {
        let Some(own) = Place::of(right.store_id, right.network_id) else { continue };
        let given = right.role.permissions(right.custom.as_deref(), own, right.shared);
        standing.permissions = standing.permissions.union(given);
        standing.is_owner |= right.role == Role::Owner;
    }
    Ok(standing)
}

/// The members of `place` and of its network, or one of them, oldest first.
pub async fn of_place(db: impl PgExecutor<'_>, place: Place, staff: Option<StaffId>) -> Result<Vec<Member>, Error> {
    let members = sqlx::query_as(
        "select p.id as staff_id, p.name, p.email, m.store_id, m.network_id, m.role, m.role_id, r.name as role_name,
                r.permissions as custom, m.created_at as since,
                exists (select from staff_factors f where f.staff_id = p.id) as has_factor,
                (select max(touched_at) from sessions s where s.realm_id is null and s.subject_id = p.id) as seen_at
         from memberships m join staff p on p.id = m.staff_id left join roles r on r.id = m.role_id
         where (m.store_id = $1 or m.network_id = coalesce($2, (select network_id from stores where id = $1)))
           and ($3::uuid is null or m.staff_id = $3)
         order by m.created_at, m.staff_id",
    );
    Ok(members.bind(place.store()).bind(place.network()).bind(staff).fetch_all(db).await?)
}

/// Ids and names of those of `staff` who are members of `store` or of its network.
pub async fn named(
    db: impl PgExecutor<'_>,
    store: StoreId,
    staff: &[StaffId],
) -> Result<Vec<(StaffId, String)>, Error> {
    let named = sqlx::query_as(
        "select distinct p.id, p.name from memberships m join staff p on p.id = m.staff_id
         where m.staff_id = any($2)
           and (m.store_id = $1 or m.network_id = (select network_id from stores where id = $1))",
    );
    let staff: Vec<_> = staff.iter().map(|id| id.uuid()).collect();
    Ok(named.bind(store).bind(staff).fetch_all(db).await?)
}

/// The member of `place` itself.
pub async fn member(tx: &mut Tx, staff: StaffId, place: Place) -> Result<Option<Member>, Error> {
    let members = of_place(&mut **tx, place, Some(staff)).await?;
    Ok(members.into_iter().find(|member| member.place() == Some(place)))
}

/// How many have each role in `place`.
pub async fn count_roles(db: impl PgExecutor<'_>, place: Place) -> Result<Vec<(Role, i64)>, Error> {
    let counts = sqlx::query_as(
        "select role, count(*) from memberships
         where (store_id = $1 or network_id = coalesce($2, (select network_id from stores where id = $1)))
         group by role",
    );
    Ok(counts.bind(place.store()).bind(place.network()).fetch_all(db).await?)
}

/// Whether somebody else owns `place`, or the network it is in.
pub async fn has_other_owner(tx: &mut Tx, staff: StaffId, place: Place) -> Result<bool, Error> {
    let owned = sqlx::query_scalar(
        "select exists (select from memberships
         where role = 'owner'
           and not (staff_id = $3 and store_id is not distinct from $1 and network_id is not distinct from $2)
           and (store_id = $1 or network_id = coalesce($2, (select network_id from stores where id = $1))))",
    );
    Ok(owned.bind(place.store()).bind(place.network()).bind(staff).fetch_one(&mut **tx).await?)
}

/// Gives a member another role.
pub async fn set_role(tx: &mut Tx, staff: StaffId, place: Place, role: Assigned) -> Result<(), Error> {
    let (role, role_id): (Role, Option<RoleId>) = role.columns();
    sqlx::query(
        "update memberships set role = $4, role_id = $5
         where staff_id = $1 and store_id is not distinct from $2 and network_id is not distinct from $3",
    )
    .bind(staff)
    .bind(place.store())
    .bind(place.network())
    .bind(role)
    .bind(role_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends a membership.
pub async fn delete(tx: &mut Tx, staff: StaffId, place: Place) -> Result<(), Error> {
    let deleted = sqlx::query(
        "delete from memberships
         where staff_id = $1 and store_id is not distinct from $2 and network_id is not distinct from $3",
    );
    deleted.bind(staff).bind(place.store()).bind(place.network()).execute(&mut **tx).await?;
    Ok(())
}

/// Whether `staff` is a member of anything.
pub async fn works_anywhere(tx: &mut Tx, staff: StaffId) -> Result<bool, Error> {
    let works = sqlx::query_scalar("select exists (select from memberships where staff_id = $1)");
    Ok(works.bind(staff).fetch_one(&mut **tx).await?)
}

/// The customer base of a place; `None` when there is no such place.
pub async fn realm_of(tx: &mut Tx, place: Place) -> Result<Option<RealmId>, Error> {
    let realm =
        sqlx::query_scalar("select realm_id from stores where id = $1 union all select id from networks where id = $2");
    Ok(realm.bind(place.store()).bind(place.network()).fetch_optional(&mut **tx).await?)
}
