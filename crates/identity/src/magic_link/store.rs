//! All SQL of links.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    email::Email,
    secret::{self, Secrets},
};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::magic_link::{MagicLink, PURPOSE};
use crate::Error;

/// Keeps the hash of a link. One that is not `usable` looks the same and opens nothing (ID-7).
pub async fn insert(
    tx: &mut Tx,
    link: &MagicLink,
    (email, secrets): (&Email, &Secrets),
    usable: bool,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let right = secret::sha256(link.token.as_bytes());
    sqlx::query("insert into magic_links (id, token_hash, email, created_at, expires_at) values ($1, $2, $3, $4, $5)")
        .bind(link.id)
        .bind(if usable { right } else { secret::random() })
        .bind(secrets.seal(PURPOSE, link.id.as_bytes(), email.entered().as_bytes()))
        .bind(now)
        .bind(link.expires_at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The address that the link of `token` was sent to, while it is good. Nothing is used up.
pub async fn open(
    db: impl PgExecutor<'_>,
    token: &str,
    secrets: &Secrets,
    now: DateTime<Utc>,
) -> Result<Option<Email>, Error> {
    let link = sqlx::query_as("select id, email from magic_links where token_hash = $1 and expires_at > $2");
    let link: Option<(Uuid, Vec<u8>)> =
        link.bind(secret::sha256(token.as_bytes())).bind(now).fetch_optional(db).await?;
    let email = link.and_then(|(id, sealed)| secrets.open(PURPOSE, id.as_bytes(), &sealed).ok());
    Ok(email.and_then(|email| Email::parse(&String::from_utf8(email).ok()?).ok()))
}
