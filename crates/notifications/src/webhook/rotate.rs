//! Gives a webhook another secret. The former one signs beside it for a day, for receivers to change theirs meanwhile.
use chrono::{DateTime, Utc};
use kit::{Call, Tx, ids::WebhookId, secret::Secrets};

use super::{Place, Webhook, secret::Secret, store, webhook::FORMER};
use crate::error::Error;

/// Which webhook, and when.
#[derive(Clone, Copy, Debug)]
pub struct RotateSecret {
    /// Whose.
    pub place: Place,
    /// Which.
    pub id: WebhookId,
    /// The present.
    pub now: DateTime<Utc>,
}

/// The webhook with its new secret, which is shown this once. Of several in a day the last but one signs beside it.
pub async fn rotate_secret(
    tx: &mut Tx,
    (call, secrets): (&Call, &Secrets),
    input: RotateSecret,
) -> Result<(Webhook, Secret), Error> {
    let mut webhook = store::lock(tx, input.place, input.id).await?;
    call.check_version(webhook.version)?;
    let secret = Secret::fresh();
    let former = std::mem::replace(&mut webhook.secret, secret.seal(secrets, webhook.id));
    (webhook.former_secret, webhook.former_until) = (Some(former), Some(input.now + FORMER));
    (webhook.updated_at, webhook.version) = (input.now, webhook.version + 1);
    store::save(tx, &webhook).await?;
    Ok((webhook, secret))
}
