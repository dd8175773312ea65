//! All SQL of webhooks.
use kit::{Tx, ids::WebhookId};
use sqlx::PgExecutor;
use uuid::Uuid;

use super::{Place, Webhook};
use crate::error::Error;

/// The webhooks of `place`, oldest first.
pub async fn of_place(db: impl PgExecutor<'_>, place: Place) -> Result<Vec<Webhook>, Error> {
    let webhooks = "select * from webhooks where place_id = $1 and deleted_at is null order by created_at, id";
    Ok(sqlx::query_as(webhooks).bind(place.id).fetch_all(db).await?)
}

/// A webhook of `place`.
pub async fn find(db: impl PgExecutor<'_>, place: Place, id: WebhookId) -> Result<Webhook, Error> {
    let webhook = "select * from webhooks where place_id = $1 and id = $2 and deleted_at is null";
    let webhook = sqlx::query_as(webhook).bind(place.id).bind(id).fetch_optional(db).await?;
    webhook.ok_or(Error::WebhookNotFound)
}

/// The same, held until the transaction ends.
pub async fn lock(tx: &mut Tx, place: Place, id: WebhookId) -> Result<Webhook, Error> {
    let webhook = "select * from webhooks where place_id = $1 and id = $2 and deleted_at is null for no key update";
    let webhook = sqlx::query_as(webhook).bind(place.id).bind(id).fetch_optional(&mut **tx).await?;
    webhook.ok_or(Error::WebhookNotFound)
}

/// Has those who make webhooks of `place` come one after the other, so that there never are too many.
pub async fn lock_place(tx: &mut Tx, place: Uuid) -> Result<(), Error> {
    let lock = "select pg_advisory_xact_lock(hashtextextended('webhooks ' || $1, 0))";
    sqlx::query(lock).bind(place.to_string()).execute(&mut **tx).await?;
    Ok(())
}

/// Adds a webhook.
pub async fn insert(tx: &mut Tx, webhook: &Webhook) -> Result<(), Error> {
    sqlx::query(
        "insert into webhooks (place_id, id, is_network, realm_id, url, description, events, secret, created_by,
           created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
    )
    .bind(webhook.place_id)
    .bind(webhook.id)
    .bind(webhook.is_network)
    .bind(webhook.realm_id)
    .bind(&webhook.url)
    .bind(&webhook.description)
    .bind(&webhook.events)
    .bind(&webhook.secret)
    .bind(&webhook.created_by)
    .bind(webhook.created_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Saves what can be changed of a webhook.
pub async fn save(tx: &mut Tx, webhook: &Webhook) -> Result<(), Error> {
    sqlx::query(
        "update webhooks set realm_id = $3, url = $4, description = $5, events = $6, disabled_reason = $7,
           failing_since = $8, secret = $9, former_secret = $10, former_until = $11, updated_at = $12, version = $13,
           tell_owners = tell_owners and $7 is not null
         where place_id = $1 and id = $2",
    )
    .bind(webhook.place_id)
    .bind(webhook.id)
    .bind(webhook.realm_id)
    .bind(&webhook.url)
    .bind(&webhook.description)
    .bind(&webhook.events)
    .bind(webhook.disabled_reason)
    .bind(webhook.failing_since)
    .bind(&webhook.secret)
    .bind(&webhook.former_secret)
    .bind(webhook.former_until)
    .bind(webhook.updated_at)
    .bind(webhook.version)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends a webhook and forgets its secrets. Its deliveries go bit by bit.
pub async fn remove(tx: &mut Tx, webhook: &Webhook) -> Result<(), Error> {
    sqlx::query(
        "update webhooks set deleted_at = $3, secret = '', former_secret = null, former_until = null, tell_owners = false
         where place_id = $1 and id = $2",
    )
    .bind(webhook.place_id)
    .bind(webhook.id)
    .bind(webhook.updated_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
