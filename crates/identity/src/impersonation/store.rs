//! All SQL of sessions in the name of customers.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    call::Client,
    ids::{RealmId, SessionId, StaffId},
    secret,
};
use sqlx::PgExecutor;

use super::{Impersonation, impersonation::METHOD};
use crate::Error;

/// Adds a session with its token, and from where it was opened.
pub async fn insert(
    tx: &mut Tx,
    impersonation: &Impersonation,
    (realm, own, token): (RealmId, SessionId, &str),
    (client, now): (&Client, DateTime<Utc>),
) -> Result<(), Error> {
    sqlx::query(
        "insert into sessions (id, token_hash, kind, realm_id, subject_id, methods, authenticated_at, touched_at,
                               expires_at, ends_at, ip, agent, act_staff_id, act_session_id, act_reason, act_ticket)
         values ($1, $2, 'customer', $3, $4, array[$5], $6, $6, $7, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(impersonation.id)
    .bind(secret::sha256(token.as_bytes()))
    .bind(realm)
    .bind(impersonation.customer)
    .bind(METHOD)
    .bind(now)
    .bind(impersonation.ends_at)
    .bind(&client.ip)
    .bind(&client.agent)
    .bind(impersonation.staff)
    .bind(own)
    .bind(&impersonation.reason)
    .bind(&impersonation.ticket)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Those that `staff` has open, newest first. They hang on the few sessions of their own.
pub async fn of_staff(
    db: impl PgExecutor<'_>,
    staff: StaffId,
    now: DateTime<Utc>,
) -> Result<Vec<Impersonation>, Error> {
    let open = sqlx::query_as(
        "select i.id, i.subject_id as customer, i.act_staff_id as staff, i.act_reason as reason,
                i.act_ticket as ticket, i.ends_at
         from sessions own join sessions i on i.act_session_id = own.id
         where own.realm_id is null and own.subject_id = $1 and i.expires_at > $2 order by i.id desc",
    );
    Ok(open.bind(staff).bind(now).fetch_all(db).await?)
}

/// Ends one of `staff`; false when there is none.
pub async fn delete(tx: &mut Tx, id: SessionId, staff: StaffId) -> Result<bool, Error> {
    let deleted = sqlx::query("delete from sessions where id = $1 and act_staff_id = $2");
    Ok(deleted.bind(id).bind(staff).execute(&mut **tx).await?.rows_affected() == 1)
}

/// Ends all that were opened from these sessions; answers which, and whose they were.
pub async fn delete_of(tx: &mut Tx, own: &[SessionId]) -> Result<Vec<(SessionId, StaffId)>, Error> {
    let deleted = sqlx::query_as("delete from sessions where act_session_id = any($1) returning id, act_staff_id");
    Ok(deleted.bind(own).fetch_all(&mut **tx).await?)
}
