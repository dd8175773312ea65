//! All SQL of staff members.
use chrono::{DateTime, Utc};
use kit::{Tx, db::on_unique, email::Email, ids::StaffId};
use sqlx::PgExecutor;

use super::staff::{Row, Staff};
use crate::Error;

/// A staff member to add.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Their id.
    pub id: StaffId,
    /// Display name.
    pub name: &'a str,
    /// E-mail address, unique among staff.
    pub email: &'a Email,
    /// Hash of the password.
    pub password_hash: &'a str,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Adds a staff member.
pub async fn insert(tx: &mut Tx, entry: &Entry<'_>) -> Result<(), Error> {
    sqlx::query(
        "insert into staff (id, name, email, email_canonical, password_hash, created_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(entry.id)
    .bind(entry.name)
    .bind(entry.email.entered())
    .bind(entry.email.canonical())
    .bind(entry.password_hash)
    .bind(entry.now)
    .execute(&mut **tx)
    .await
    .map_err(on_unique("staff_email_canonical_key", || Error::StaffEmailTaken))?;
    Ok(())
}

/// The staff member with this id, memberships and stores included, oldest first.
pub async fn find(db: impl PgExecutor<'_>, id: StaffId) -> Result<Option<Staff>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select p.id, p.name, p.email, m.role, m.role_id, r.name as role_name, r.permissions as custom,
                m.store_id as member_store, m.network_id as member_network,
                s.id as store, s.name as store_name, s.network_id as store_network
         from staff p
         left join memberships m on m.staff_id = p.id
         left join roles r on r.id = m.role_id
         left join stores s on s.id = m.store_id or s.realm_id = m.network_id
         where p.id = $1
         order by m.created_at, m.store_id, m.network_id, s.created_at, s.id",
    )
    .bind(id)
    .fetch_all(db)
    .await?;
    Ok(Staff::fold(rows))
}

/// What a sign-in needs to know.
#[derive(Debug, sqlx::FromRow)]
pub struct Login {
    /// Who it is.
    pub id: StaffId,
    /// Hash of the password.
    pub password_hash: String,
    /// Whether a second factor is asked for.
    pub has_factor: bool,
    /// Whether one is required where they work.
    pub needs_factor: bool,
}

/// How the person of this e-mail signs in.
pub async fn find_login(db: impl PgExecutor<'_>, email: &Email) -> Result<Option<Login>, Error> {
    let login = sqlx::query_as(
        "select id, password_hash, exists (select from staff_factors f where f.staff_id = p.id) as has_factor,
                exists (select from memberships m
                        left join stores s on s.id = m.store_id
                        left join networks n on n.id = coalesce(m.network_id, s.network_id)
                        where m.staff_id = p.id and coalesce(n.factor_required, s.factor_required)) as needs_factor
         from staff p where email_canonical = $1",
    );
    Ok(login.bind(email.canonical()).fetch_optional(db).await?)
}

/// Keeps a hash of the same password with today's parameters.
pub async fn set_password(tx: &mut Tx, id: StaffId, password_hash: &str) -> Result<(), Error> {
    let update = sqlx::query("update staff set password_hash = $2 where id = $1");
    update.bind(id).bind(password_hash).execute(&mut **tx).await?;
    Ok(())
}

/// Keeps the hash of the same password with today's parameters, unless another password was set since.
pub async fn rehash(tx: &mut Tx, id: StaffId, [weak, strong]: &[String; 2]) -> Result<(), Error> {
    let update = sqlx::query("update staff set password_hash = $3 where id = $1 and password_hash = $2");
    update.bind(id).bind(weak).bind(strong).execute(&mut **tx).await?;
    Ok(())
}

/// Hash of the password of `staff`.
pub async fn password_hash(tx: &mut Tx, staff: StaffId) -> Result<Option<String>, Error> {
    let hash = sqlx::query_scalar("select password_hash from staff where id = $1");
    Ok(hash.bind(staff).fetch_optional(&mut **tx).await?)
}
