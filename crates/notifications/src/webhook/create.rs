//! Makes a webhook.
use chrono::{DateTime, Utc};
use kit::{Tx, ids::WebhookId, secret::Secrets};
use proto::notifications::v1 as pb;

use super::{
    Place, Webhook,
    secret::Secret,
    store, target,
    webhook::{MOST, description, events},
};
use crate::error::Error;

/// A webhook to make.
#[derive(Debug)]
pub struct CreateWebhook {
    place: Place,
    url: String,
    description: String,
    events: Vec<String>,
    created_by: String,
    now: DateTime<Utc>,
}

impl CreateWebhook {
    /// Reads a request of somebody who works in `place`; an `open` house lets addresses lead inside.
    pub fn parse(
        request: &pb::CreateWebhookRequest,
        (place, created_by): (Place, &str),
        open: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        Ok(Self {
            place,
            url: target::parse(&request.url, open)?.into(),
            description: description(&request.description)?,
            events: events(&request.events)?,
            created_by: created_by.to_owned(),
            now,
        })
    }
}

/// Makes a webhook; answers it with its secret, which is shown this once.
pub async fn create_webhook(tx: &mut Tx, secrets: &Secrets, input: CreateWebhook) -> Result<(Webhook, Secret), Error> {
    let CreateWebhook { place, url, description, events, created_by, now } = input;
    store::lock_place(tx, place.id).await?;
    if store::of_place(&mut **tx, place).await?.len() >= MOST {
        return Err(Error::TooManyWebhooks);
    }
    let (id, secret) = (WebhookId::new(now), Secret::fresh());
    let webhook = Webhook {
        place_id: place.id,
        id,
        is_network: place.is_network,
        realm_id: place.realm,
        url,
        description,
        events,
        disabled_reason: None,
        failing_since: None,
        secret: secret.seal(secrets, id),
        former_secret: None,
        former_until: None,
        created_by,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    store::insert(tx, &webhook).await?;
    Ok((webhook, secret))
}
