//! All SQL of portal sessions.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    call::Client,
    ids::{SessionId, ShopperId},
    secret,
};
use sqlx::PgExecutor;

use super::session::{PortalSession, end};
use crate::{
    Error,
    session::{session::TOUCH, store::Opened},
};

/// Adds a session with its token and where it was opened (ID-28).
pub async fn insert(tx: &mut Tx, session: &PortalSession, token: &str, client: &Client) -> Result<(), Error> {
    sqlx::query(
        "insert into portal_sessions
         (id, token_hash, shopper_id, email, authenticated_at, touched_at, expires_at, ip, agent)
         values ($1, $2, $3, $4, $5, $5, $6, $7, $8)",
    )
    .bind(session.id)
    .bind(secret::sha256(token.as_bytes()))
    .bind(session.shopper_id)
    .bind(&session.email)
    .bind(session.authenticated_at)
    .bind(session.expires_at)
    .bind(&client.ip)
    .bind(&client.agent)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The session of `token` that is still good at `now`; using it moves its end, written at most once a minute.
pub async fn find_used(
    db: impl PgExecutor<'_>,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<PortalSession>, Error> {
    let session = sqlx::query_as(
        "with touched as (
           update portal_sessions set touched_at = $2, expires_at = $3
           where token_hash = $1 and expires_at > $2 and touched_at <= $4)
         select id, shopper_id, email, authenticated_at, expires_at from portal_sessions
         where token_hash = $1 and expires_at > $2",
    )
    .bind(secret::sha256(token.as_bytes()))
    .bind(now)
    .bind(end(now))
    .bind(now - TOUCH)
    .fetch_optional(db)
    .await?;
    Ok(session)
}

/// The session with this id that is still good at `now`.
pub async fn find(db: impl PgExecutor<'_>, id: SessionId, now: DateTime<Utc>) -> Result<Option<PortalSession>, Error> {
    let session = sqlx::query_as(
        "select id, shopper_id, email, authenticated_at, expires_at from portal_sessions
         where id = $1 and expires_at > $2",
    );
    Ok(session.bind(id).bind(now).fetch_optional(db).await?)
}

/// Drops a session; false when there is none.
pub async fn delete(tx: &mut Tx, id: SessionId) -> Result<bool, Error> {
    let deleted = sqlx::query("delete from portal_sessions where id = $1").bind(id).execute(&mut **tx).await?;
    Ok(deleted.rows_affected() == 1)
}

/// The sessions of a shopper that are good at `now`, the newest first.
pub async fn of_shopper(db: impl PgExecutor<'_>, shopper: ShopperId, now: DateTime<Utc>) -> Result<Vec<Opened>, Error> {
    let sessions = sqlx::query_as(
        "select id, array['link'] as methods, authenticated_at, touched_at, expires_at, ip, agent from portal_sessions
         where shopper_id = $1 and expires_at > $2 order by authenticated_at desc, id desc",
    );
    Ok(sessions.bind(shopper).bind(now).fetch_all(db).await?)
}
