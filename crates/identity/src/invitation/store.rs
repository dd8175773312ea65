//! All SQL of invitations.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    email::Email,
    ids::{InvitationId, StaffId},
    secret,
};
use sqlx::PgExecutor;

use super::{Invitation, invitation::LIFETIME};
use crate::{
    Error,
    membership::{Assigned, Place},
};

/// An invitation to add.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Its id.
    pub id: InvitationId,
    /// Where.
    pub place: Place,
    /// Who is invited.
    pub email: &'a Email,
    /// As what.
    pub role: Assigned,
    /// Who invites.
    pub by: &'a str,
    /// What the link carries.
    pub token: &'a str,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Adds an invitation, in the place of one of the same address.
pub async fn put(tx: &mut Tx, entry: &Entry<'_>) -> Result<(), Error> {
    let (role, role_id) = entry.role.columns();
    sqlx::query(
        "insert into invitations (id, store_id, network_id, email, email_canonical, role, role_id, token_hash,
                                  invited_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict on constraint invitations_email_key do update
         set id = excluded.id, email = excluded.email, role = excluded.role, role_id = excluded.role_id,
             token_hash = excluded.token_hash, invited_by = excluded.invited_by,
             created_at = excluded.created_at, expires_at = excluded.expires_at",
    )
    .bind(entry.id)
    .bind(entry.place.store())
    .bind(entry.place.network())
    .bind(entry.email.entered())
    .bind(entry.email.canonical())
    .bind(role)
    .bind(role_id)
    .bind(secret::sha256(entry.token.as_bytes()))
    .bind(entry.by)
    .bind(entry.now)
    .bind(entry.now + LIFETIME)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is read of every invitation.
macro_rules! invitations {
    ($condition:literal) => {
        concat!(
            "select i.id, i.store_id, i.network_id, i.email, i.role, i.role_id, r.name as role_name, i.invited_by,
                    i.created_at, i.expires_at, coalesce(n.name, s.name) as place_name,
                    coalesce(n.factor_required, sn.factor_required, s.factor_required) as factor_required
             from invitations i
             left join stores s on s.id = i.store_id
             left join networks sn on sn.id = s.network_id
             left join networks n on n.id = i.network_id
             left join roles r on r.id = i.role_id
             where ",
            $condition
        )
    };
}

/// The invitation that waits with this id.
pub async fn find(
    db: impl PgExecutor<'_>,
    id: InvitationId,
    place: Place,
    now: DateTime<Utc>,
) -> Result<Option<Invitation>, Error> {
    let found = sqlx::query_as(invitations!(
        "i.id = $1 and i.expires_at > $2
         and i.store_id is not distinct from $3 and i.network_id is not distinct from $4"
    ));
    Ok(found.bind(id).bind(now).bind(place.store()).bind(place.network()).fetch_optional(db).await?)
}

/// The invitation that `token` is for, while it is good.
pub async fn find_by_token(
    db: impl PgExecutor<'_>,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Invitation>, Error> {
    let found = sqlx::query_as(invitations!("i.token_hash = $1 and i.expires_at > $2"));
    Ok(found.bind(secret::sha256(token.as_bytes())).bind(now).fetch_optional(db).await?)
}

/// Those that wait in `place`, oldest first.
pub async fn of_place(db: impl PgExecutor<'_>, place: Place, now: DateTime<Utc>) -> Result<Vec<Invitation>, Error> {
    let found = sqlx::query_as(invitations!(
        "i.expires_at > $1 and (i.store_id = $2 or i.network_id = $3) order by i.created_at, i.id"
    ));
    Ok(found.bind(now).bind(place.store()).bind(place.network()).fetch_all(db).await?)
}

/// Uses an invitation up, or takes it back; false when it is gone.
pub async fn delete(tx: &mut Tx, id: InvitationId) -> Result<bool, Error> {
    let deleted = sqlx::query("delete from invitations where id = $1").bind(id).execute(&mut **tx).await?;
    Ok(deleted.rows_affected() == 1)
}

/// Takes back what `staff` sent out for `place`.
pub async fn revoke_of(tx: &mut Tx, staff: StaffId, place: Place) -> Result<(), Error> {
    let revoked = sqlx::query("delete from invitations where invited_by = $1 and (store_id = $2 or network_id = $3)");
    revoked.bind(String::from(staff)).bind(place.store()).bind(place.network()).execute(&mut **tx).await?;
    Ok(())
}
