//! Changes a webhook, or switches it on and off.
use chrono::{DateTime, Utc};
use kit::{Call, Tx, audit::Entry, ids::WebhookId};
use proto::notifications::v1 as pb;

use super::{
    Place, Webhook, store, target,
    webhook::{Disabled, description, events},
};
use crate::error::Error;

/// What is to be different.
#[derive(Debug)]
pub struct ChangeWebhook {
    place: Place,
    id: WebhookId,
    url: Option<String>,
    description: Option<String>,
    events: Option<Vec<String>>,
    enabled: Option<bool>,
    now: DateTime<Utc>,
}

impl ChangeWebhook {
    /// Whether it makes an address hear more.
    #[must_use]
    pub fn opens(request: &pb::ChangeWebhookRequest) -> bool {
        request.url.is_some() || request.events.is_some()
    }

    /// Reads a request of somebody who works in `place`; an `open` house lets addresses lead inside.
    pub fn parse(
        request: &pb::ChangeWebhookRequest,
        place: Place,
        open: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let url = request.url.as_deref().map(|url| target::parse(url, open)).transpose()?;
        Ok(Self {
            place,
            id: request.id.parse().map_err(|_| Error::WebhookNotFound)?,
            url: url.map(String::from),
            description: request.description.as_deref().map(description).transpose()?,
            events: request.events.as_ref().map(|given| events(&given.names)).transpose()?,
            enabled: request.enabled,
            now,
        })
    }
}

/// The webhook as it is since, and what the audit says of it. Switched on, it counts as working until it fails again.
pub async fn change_webhook(tx: &mut Tx, call: &Call, input: ChangeWebhook) -> Result<(Webhook, Entry), Error> {
    let mut webhook = store::lock(tx, input.place, input.id).await?;
    call.check_version(webhook.version)?;
    let before = webhook.audited();
    webhook.url = input.url.unwrap_or(webhook.url);
    webhook.description = input.description.unwrap_or(webhook.description);
    webhook.events = input.events.unwrap_or(webhook.events);
    match (input.enabled, webhook.disabled_reason) {
        (Some(true), Some(_)) => (webhook.disabled_reason, webhook.failing_since) = (None, None),
        (Some(false), None) => webhook.disabled_reason = Some(Disabled::Paused),
        _ => {}
    }
    // The store may have joined a network meanwhile.
    webhook.realm_id = input.place.realm;
    (webhook.updated_at, webhook.version) = (input.now, webhook.version + 1);
    store::save(tx, &webhook).await?;
    let entry = Entry::new("webhook.updated", ("webhook", webhook.id), input.now).changed(before, webhook.audited());
    Ok((webhook, entry))
}
