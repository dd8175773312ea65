//! The RPCs of webhooks: authorise, parse, open tx, call, encode.
use kit::{
    Call, Db,
    audit::{self, Entry},
    clock::Clock,
    ids::{HookEventId, WebhookId},
    secret::Secrets,
};
use proto::notifications::v1::{self as pb, webhook_service_server::WebhookService};
use tonic::{Request, Response, Status};

use super::{
    Place,
    change::{ChangeWebhook, change_webhook},
    create::{CreateWebhook, create_webhook},
    remove::delete_webhook,
    rotate::{RotateSecret, rotate_secret},
    store,
};
use crate::{error::Error, hook_event};

/// The server of these RPCs.
pub struct Webhooks {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    /// Whether addresses may lead inside.
    pub(crate) open: bool,
}

pub(crate) fn parse(id: &str) -> Result<WebhookId, Error> {
    id.parse().map_err(|_| Error::WebhookNotFound)
}

#[tonic::async_trait]
impl WebhookService for Webhooks {
    async fn create_webhook(
        &self,
        request: Request<pb::CreateWebhookRequest>,
    ) -> Result<Response<pb::Webhook>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let actor = call.actor()?;
        let place = Place::to_open(actor, now)?;
        let input = CreateWebhook::parse(request.get_ref(), (place, &actor.subject), self.open, now)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (webhook, secret) = create_webhook(&mut tx, &self.secrets, input).await?;
        let entry = Entry::new("webhook.created", ("webhook", webhook.id), now).created(webhook.audited());
        audit::record(&mut tx, &call, entry)?;
        Ok(tx.answer(webhook.told(secret.text(), now)).await?)
    }

    async fn list_webhooks(
        &self,
        request: Request<pb::ListWebhooksRequest>,
    ) -> Result<Response<pb::ListWebhooksResponse>, Status> {
        let call = Call::of(&request)?;
        let webhooks = store::of_place(self.db.pool(), Place::of(call.actor()?)?).await?;
        let webhooks = webhooks.into_iter().map(|webhook| webhook.told(String::new(), self.clock.now())).collect();
        Ok(Response::new(pb::ListWebhooksResponse { webhooks }))
    }

    async fn get_webhook(&self, request: Request<pb::GetWebhookRequest>) -> Result<Response<pb::Webhook>, Status> {
        let call = Call::of(&request)?;
        let place = Place::of(call.actor()?)?;
        let webhook = store::find(self.db.pool(), place, parse(&request.get_ref().id)?).await?;
        Ok(Response::new(webhook.told(String::new(), self.clock.now())))
    }

    async fn change_webhook(
        &self,
        request: Request<pb::ChangeWebhookRequest>,
    ) -> Result<Response<pb::Webhook>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let (actor, request) = (call.actor()?, request.get_ref());
        let opens = ChangeWebhook::opens(request);
        let place = if opens { Place::to_open(actor, now)? } else { Place::of(actor)? };
        let input = ChangeWebhook::parse(request, place, self.open, now)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (webhook, entry) = change_webhook(&mut tx, &call, input).await?;
        audit::record(&mut tx, &call, entry)?;
        Ok(tx.answer(webhook.told(String::new(), now)).await?)
    }

    async fn delete_webhook(
        &self,
        request: Request<pb::DeleteWebhookRequest>,
    ) -> Result<Response<pb::DeleteWebhookResponse>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let place = Place::of(call.actor()?)?;
        let id = parse(&request.get_ref().id)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let webhook = delete_webhook(&mut tx, &call, (place, id), now).await?;
        let entry = Entry::new("webhook.deleted", ("webhook", id), now).removed(webhook.audited());
        audit::record(&mut tx, &call, entry)?;
        Ok(tx.answer(pb::DeleteWebhookResponse {}).await?)
    }

    async fn rotate_webhook_secret(
        &self,
        request: Request<pb::RotateWebhookSecretRequest>,
    ) -> Result<Response<pb::Webhook>, Status> {
        let (call, now) = (Call::of(&request)?, self.clock.now());
        let place = Place::to_open(call.actor()?, now)?;
        let id = parse(&request.get_ref().id)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let input = RotateSecret { place, id, now };
        let (webhook, secret) = rotate_secret(&mut tx, (&call, &self.secrets), input).await?;
        audit::record(&mut tx, &call, Entry::new("webhook.secret_rotated", ("webhook", id), now))?;
        Ok(tx.answer(webhook.told(secret.text(), now)).await?)
    }

    async fn list_webhook_events(
        &self,
        request: Request<pb::ListWebhookEventsRequest>,
    ) -> Result<Response<pb::ListWebhookEventsResponse>, Status> {
        Place::of(Call::of(&request)?.actor()?)?;
        let id = HookEventId::from_uuid(uuid::Uuid::from_u128(0x0193_9b7e_5d3c_7a2c_9d2f_1e0b_7c6a_5d40));
        let events = hook_event::KINDS.iter().map(|kind| pb::WebhookEvent {
            name: kind.name.to_owned(),
            description: kind.says.to_owned(),
            sample: hook_event::body(id, kind.name, &(kind.sample)(), self.clock.now()),
        });
        Ok(Response::new(pb::ListWebhookEventsResponse { events: events.collect() }))
    }
}
