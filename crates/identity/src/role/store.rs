//! All SQL of roles made of permissions.
use chrono::{DateTime, Utc};
use kit::{Tx, db::on_unique, ids::RoleId};
use sqlx::PgExecutor;

use super::CustomRole;
use crate::{Error, membership::Place};

/// Adds a role.
pub async fn insert(tx: &mut Tx, role: &CustomRole, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query(
        "insert into roles (id, store_id, network_id, name, permissions, version, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(role.id)
    .bind(role.store_id)
    .bind(role.network_id)
    .bind(&role.name)
    .bind(&role.permissions)
    .bind(role.version)
    .bind(now)
    .execute(&mut **tx)
    .await
    .map_err(on_unique("roles_name_key", || Error::RoleNameTaken))?;
    Ok(())
}

/// The roles that can be given in `place`: its own, and those of its network; and how many have them there.
pub async fn of_place(db: impl PgExecutor<'_>, place: Place) -> Result<Vec<(CustomRole, i64)>, Error> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(flatten)]
        role: CustomRole,
        members: i64,
    }
    let rows: Vec<Row> = sqlx::query_as(
        "select r.*, (select count(*) from memberships m where m.role_id = r.id
                      and (m.store_id = $1 or m.network_id = coalesce(r.network_id, $2))) as members
         from roles r
         where r.store_id = $1 or r.network_id = $2 or r.network_id = (select network_id from stores where id = $1)
         order by r.created_at, r.id",
    )
    .bind(place.store())
    .bind(place.network())
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.role, row.members)).collect())
}

/// A role that can be given in `place`.
pub async fn find(db: impl PgExecutor<'_>, id: RoleId, place: Place) -> Result<Option<CustomRole>, Error> {
    let role = sqlx::query_as(
        "select * from roles where id = $1
         and (store_id = $2 or network_id = $3 or network_id = (select network_id from stores where id = $2))",
    );
    Ok(role.bind(id).bind(place.store()).bind(place.network()).fetch_optional(db).await?)
}

/// How many have a role, anywhere.
pub async fn members(tx: &mut Tx, id: RoleId) -> Result<i64, Error> {
    let members = sqlx::query_scalar("select count(*) from memberships where role_id = $1");
    Ok(members.bind(id).fetch_one(&mut **tx).await?)
}

/// Keeps a changed role.
pub async fn save(tx: &mut Tx, role: &CustomRole) -> Result<(), Error> {
    sqlx::query("update roles set name = $2, permissions = $3, version = $4 where id = $1")
        .bind(role.id)
        .bind(&role.name)
        .bind(&role.permissions)
        .bind(role.version)
        .execute(&mut **tx)
        .await
        .map_err(on_unique("roles_name_key", || Error::RoleNameTaken))?;
    Ok(())
}

/// Drops a role.
pub async fn delete(tx: &mut Tx, id: RoleId) -> Result<(), Error> {
    let deleted = sqlx::query("delete from roles where id = $1").bind(id).execute(&mut **tx).await;
    deleted.map_err(on_unique("memberships_role_id_fkey", || Error::RoleInUse))?;
    Ok(())
}
