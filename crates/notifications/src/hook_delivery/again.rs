//! Sends by hand: a test, one delivery again, everything that failed since a moment.
use chrono::{DateTime, Utc};
use kit::{
    Tx,
    clock::Clock,
    ids::{HookDeliveryId, HookEventId},
};

use super::store;
use crate::{
    error::Error,
    hook_event::{PING, body, ping},
    webhook::Webhook,
};

/// Most deliveries that are sent again at once.
const MOST: usize = 1000;

/// Nothing is sent to a webhook that is switched off.
fn switched_on(webhook: &Webhook) -> Result<(), Error> {
    if webhook.disabled_reason.is_none() { Ok(()) } else { Err(Error::WebhookDisabled) }
}

/// Queues a `ping`; answers its delivery.
pub async fn test_webhook(tx: &mut Tx, webhook: &Webhook, clock: &Clock) -> Result<HookDeliveryId, Error> {
    switched_on(webhook)?;
    let (now, event) = (clock.now(), HookEventId::new(clock.now()));
    let told = ping(&webhook.place().to_string(), &webhook.id.to_string(), now);
    let body = body(event, PING, &told, now);
    store::insert(tx, (webhook.realm_id, webhook.id), (event, PING, &body), clock).await
}

/// Queues a delivery again; one that waits for its next attempt does not wait any longer.
pub async fn redeliver(tx: &mut Tx, webhook: &Webhook, id: HookDeliveryId, clock: &Clock) -> Result<(), Error> {
    store::find(&mut **tx, webhook.id, id).await?;
    switched_on(webhook)?;
    if store::again(tx, webhook.id, &[id], clock).await? == 0 {
        store::hurry(tx, webhook.id, id, clock).await?;
    }
    Ok(())
}

/// Queues what failed since a moment again, the oldest first; answers how much that is, and whether there is more.
pub async fn recover(
    tx: &mut Tx,
    webhook: &Webhook,
    since: DateTime<Utc>,
    clock: &Clock,
) -> Result<(u64, bool), Error> {
    switched_on(webhook)?;
    let limit = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let mut failed = store::failed_since(tx, webhook.id, since, limit).await?;
    let more = failed.len() > MOST;
    failed.truncate(MOST);
    Ok((store::again(tx, webhook.id, &failed, clock).await?, more))
}
