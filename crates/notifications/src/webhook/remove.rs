//! Ends a webhook.
use chrono::{DateTime, Utc};
use kit::{Call, Tx, ids::WebhookId};

use super::{Place, Webhook, store};
use crate::error::Error;

/// Ends a webhook, which is answered as it was. What waits for it is not sent any more.
pub async fn delete_webhook(
    tx: &mut Tx,
    call: &Call,
    (place, id): (Place, WebhookId),
    now: DateTime<Utc>,
) -> Result<Webhook, Error> {
    let mut webhook = store::lock(tx, place, id).await?;
    call.check_version(webhook.version)?;
    webhook.updated_at = now;
    store::remove(tx, &webhook).await?;
    Ok(webhook)
}
