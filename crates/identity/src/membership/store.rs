//! All SQL of memberships.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    db::on_unique,
    failure::Violation,
    ids::{NetworkId, StaffId, StoreId},
};
use sqlx::PgExecutor;

use super::{Membership, Role};
use crate::Error;

/// Adds a membership. A place that does not exist is a fault of the request.
pub async fn insert(tx: &mut Tx, membership: &Membership, now: DateTime<Utc>) -> Result<(), Error> {
    let unknown = || Error::from(Violation::new("/place", "unknown", "there is no such store or network"));
    let constraint = match membership.place {
        super::Place::Store(_) => "memberships_store_id_fkey",
        super::Place::Network(_) => "memberships_network_id_fkey",
    };
    sqlx::query(
        "insert into memberships (staff_id, store_id, network_id, role, created_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(membership.staff)
    .bind(membership.place.store())
    .bind(membership.place.network())
    .bind(membership.role)
    .bind(now)
    .execute(&mut **tx)
    .await
    .map_err(on_unique(constraint, unknown))?;
    Ok(())
}

/// A membership, and the store it was asked about or is of.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
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
}

/// All memberships of `staff`, oldest first, each with whether it reaches `store`, else with the store it is of.
pub async fn reach(db: impl PgExecutor<'_>, staff: StaffId, store: Option<StoreId>) -> Result<Vec<Reach>, Error> {
    let memberships = sqlx::query_as(
        "select m.role, m.store_id, m.network_id, s.id as reached, s.network_id as reached_network
         from memberships m
         left join stores s on s.id = coalesce($2, m.store_id) and (s.id = m.store_id or s.network_id = m.network_id)
         where m.staff_id = $1 order by m.created_at",
    );
    Ok(memberships.bind(staff).bind(store).fetch_all(db).await?)
}
