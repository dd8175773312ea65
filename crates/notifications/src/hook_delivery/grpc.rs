//! The RPCs of deliveries: authorise, parse, open tx, call, encode.
use std::sync::Arc;

use kit::{
    Call, Db,
    audit::{self, Entry, json},
    clock::Clock,
    failure::Violation,
    ids::{HookDeliveryId, WebhookId},
    page::{self, Pager},
};
use proto::notifications::v1::{self as pb, hook_delivery_service_server::HookDeliveryService};
use sqlx::PgExecutor;
use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::{
    again,
    list::{ListDeliveries, moment},
    store,
};
use crate::{
    error::Error,
    webhook::{Place, grpc::parse, store as webhooks},
};

/// The server of these RPCs.
pub struct HookDeliveries {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    /// Wakes the delivery.
    pub(crate) queued: Arc<Notify>,
}

fn delivery(id: &str) -> Result<HookDeliveryId, Error> {
    id.parse().map_err(|_| Error::DeliveryNotFound)
}

/// A delivery with its attempts.
async fn whole(
    db: impl PgExecutor<'_> + Copy,
    webhook: WebhookId,
    id: HookDeliveryId,
) -> Result<pb::HookDelivery, Error> {
    let (found, body) = store::find(db, webhook, id).await?;
    Ok(found.told(body, store::attempts(db, webhook, id).await?))
}

impl HookDeliveries {
    async fn listed(
        &self,
        place: Place,
        request: &pb::ListHookDeliveriesRequest,
    ) -> Result<pb::ListHookDeliveriesResponse, Error> {
        let db = self.db.pool();
        let webhook = webhooks::find(db, place, parse(&request.webhook)?).await?;
        let list = ListDeliveries::parse(request, webhook.id, &self.pager)?;
        let rows = store::list(db, &list.filter, &list.page, list.from).await?;
        let (rows, mut page) = list.finish(&self.pager, rows);
        if list.page.total {
            page.total = page::total(store::count(db, &list.filter).await?);
        }
        let deliveries = rows.into_iter().map(|row| row.told(String::new(), Vec::new())).collect();
        Ok(pb::ListHookDeliveriesResponse { deliveries, page: Some(page) })
    }
}

#[tonic::async_trait]
impl HookDeliveryService for HookDeliveries {
    async fn test_webhook(
        &self,
        request: Request<pb::TestWebhookRequest>,
    ) -> Result<Response<pb::HookDelivery>, Status> {
        let call = Call::of(&request)?;
        let (place, id) = (Place::of(call.actor()?)?, parse(&request.get_ref().webhook)?);
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let webhook = webhooks::lock(&mut tx, place, id).await?;
        let queued = again::test_webhook(&mut tx, &webhook, &self.clock).await?;
        audit::record(&mut tx, &call, Entry::new("webhook.tested", ("webhook", id), self.clock.now()))?;
        let (found, body) = store::find(&mut *tx, id, queued).await?;
        let answer = tx.answer(found.told(body, Vec::new())).await?;
        self.queued.notify_one();
        Ok(answer)
    }

    async fn list_hook_deliveries(
        &self,
        request: Request<pb::ListHookDeliveriesRequest>,
    ) -> Result<Response<pb::ListHookDeliveriesResponse>, Status> {
        let place = Place::of(Call::of(&request)?.actor()?)?;
        Ok(Response::new(self.listed(place, request.get_ref()).await?))
    }

    async fn get_hook_delivery(
        &self,
        request: Request<pb::GetHookDeliveryRequest>,
    ) -> Result<Response<pb::HookDelivery>, Status> {
        let place = Place::of(Call::of(&request)?.actor()?)?;
        let pb::GetHookDeliveryRequest { webhook, id } = request.get_ref();
        let webhook = webhooks::find(self.db.pool(), place, parse(webhook)?).await?;
        Ok(Response::new(whole(self.db.pool(), webhook.id, delivery(id)?).await?))
    }

    async fn redeliver_hook(
        &self,
        request: Request<pb::RedeliverHookRequest>,
    ) -> Result<Response<pb::HookDelivery>, Status> {
        let call = Call::of(&request)?;
        let place = Place::of(call.actor()?)?;
        let (id, which) = (parse(&request.get_ref().webhook)?, delivery(&request.get_ref().id)?);
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let webhook = webhooks::lock(&mut tx, place, id).await?;
        again::redeliver(&mut tx, &webhook, which, &self.clock).await?;
        let entry = Entry::new("webhook.redelivered", ("webhook", id), self.clock.now());
        audit::record(&mut tx, &call, entry.created(json!({ "delivery": which.to_string() })))?;
        let (found, body) = store::find(&mut *tx, id, which).await?;
        let attempts = store::attempts(&mut *tx, id, which).await?;
        let answer = tx.answer(found.told(body, attempts)).await?;
        self.queued.notify_one();
        Ok(answer)
    }

    async fn recover_webhook(
        &self,
        request: Request<pb::RecoverWebhookRequest>,
    ) -> Result<Response<pb::RecoverWebhookResponse>, Status> {
        let call = Call::of(&request)?;
        let (place, id) = (Place::of(call.actor()?)?, parse(&request.get_ref().webhook)?);
        let since = moment("/since", request.get_ref().since.as_ref())?;
        let since = since.ok_or_else(|| Violation::new("/since", "required", "say since when"))?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let webhook = webhooks::lock(&mut tx, place, id).await?;
        let (count, more) = again::recover(&mut tx, &webhook, since, &self.clock).await?;
        let entry = Entry::new("webhook.recovered", ("webhook", id), self.clock.now());
        let told = json!({ "since": since.to_rfc3339(), "deliveries": count });
        audit::record(&mut tx, &call, entry.created(told))?;
        let count = count.try_into().unwrap_or(u32::MAX);
        let answer = tx.answer(pb::RecoverWebhookResponse { count, more }).await?;
        self.queued.notify_one();
        Ok(answer)
    }
}
