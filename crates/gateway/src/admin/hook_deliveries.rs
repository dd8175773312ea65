//! What was sent to webhooks, and what is to be (NO-5).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use kit::{clock::timestamp, failure::Violation, permission::Permission};
use proto::notifications::v1::{
    self as pb, GetHookDeliveryRequest, ListHookDeliveriesRequest, RecoverWebhookRequest, RedeliverHookRequest,
    TestWebhookRequest,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    audit::filters::{only_equal, pointer, span},
    list_query::{Filters, Pages, Totals},
};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, object, text, time},
};

/// The routes about deliveries.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(test_webhook))
        .routes(routes!(list_webhook_deliveries))
        .routes(routes!(get_webhook_delivery))
        .routes(routes!(redeliver_webhook_delivery))
        .routes(routes!(recover_webhook))
}

/// What deliveries can be asked for.
pub const OFFER: Offer = &[Extra::Filters, Extra::Total];

/// An event on its way to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "whd_01939b7e5d3c7a2c9d2f1e0b7c6a5d52", "webhook": "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51",
    "event_id": "evt_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "event": "order.placed", "state": "delivered", "attempts": 1,
    "next_attempt_at": null, "created_at": "2026-03-02T12:00:00Z", "settled_at": "2026-03-02T12:00:01Z",
    "status": 200, "error": null,
}))]
pub struct WebhookDelivery {
    /// `whd_…`.
    pub id: String,
    /// `whk_…`.
    pub webhook: String,
    /// What the receiver knows the event by, in `webhook-id`: the same in every attempt and every delivery again.
    pub event_id: String,
    /// Name of the event.
    pub event: String,
    /// `pending`, `delivered` or `failed`.
    pub state: String,
    /// Attempts since it was last asked for.
    pub attempts: u32,
    /// When it is tried next.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When the event was queued.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was delivered or given up.
    pub settled_at: Option<DateTime<Utc>>,
    /// Status of the last answer.
    pub status: Option<u32>,
    /// Why the last attempt failed, such as `timeout` or `server_error`.
    pub error: Option<String>,
    /// What is sent; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub body: Option<Value>,
    /// The attempts, oldest first, the newest hundred; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Vec<WebhookAttempt>>,
}

/// An attempt to deliver. Of what is answered nothing but its status is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookAttempt {
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// Status of the answer.
    pub status: Option<u32>,
    /// How long it took, in milliseconds.
    pub ms: u32,
    /// Why it failed.
    pub error: Option<String>,
}

/// A number that is there.
fn some(number: u32) -> Option<u32> {
    Some(number).filter(|number| *number > 0)
}

impl From<pb::HookDelivery> for WebhookDelivery {
    fn from(one: pb::HookDelivery) -> Self {
        let whole = !one.body.is_empty();
        let log = one.log.into_iter().map(|attempt| WebhookAttempt {
            at: time(attempt.at),
            status: some(attempt.status),
            ms: attempt.ms,
            error: text(attempt.error),
        });
        Self {
            id: one.id,
            webhook: one.webhook,
            event_id: one.event_id,
            event: one.event,
            state: one.state,
            attempts: one.attempts,
            next_attempt_at: time(one.next_attempt_at),
            created_at: time(one.created_at),
            settled_at: time(one.settled_at),
            status: some(one.status),
            error: text(one.error),
            body: whole.then(|| object(&one.body)),
            log: whole.then(|| log.collect()),
        }
    }
}

/// Since when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"since": "2026-03-02T12:00:00Z"}))]
pub struct RecoverySince {
    /// Deliveries of events that were queued since then.
    pub since: DateTime<Utc>,
}

/// What is sent again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"count": 12, "more": false}))]
pub struct WebhookRecovery {
    /// How many deliveries.
    pub count: u32,
    /// Whether there are more: ask again.
    pub more: bool,
}

impl From<pb::RecoverWebhookResponse> for WebhookRecovery {
    fn from(found: pb::RecoverWebhookResponse) -> Self {
        Self { count: found.count, more: found.more }
    }
}

/// Test a webhook
///
/// Sends a `ping`; the delivery that is answered tells later how it went.
#[utoipa::path(
    post, path = "/admin/v1/webhooks/{id}/test", tag = "Webhooks",
    params(("id" = String, Path, description = "`whk_…`", example = "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51")),
    responses(
        (status = 201, body = WebhookDelivery),
        (status = 404, description = "`webhook_not_found`: there is no such webhook."),
        (status = 422, description = "`webhook_disabled`: it is switched off.")
    ),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn test_webhook(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(webhook): Path<String>,
) -> Result<Answer<WebhookDelivery>, Problem> {
    let ping = peers.hook_deliveries().test_webhook(caller.ask(TestWebhookRequest { webhook })).await?;
    let ping = Answer::<WebhookDelivery>::of(ping);
    let location = format!("/admin/v1/webhooks/{}/deliveries/{}", ping.body.webhook, ping.body.id);
    Ok(ping.created(location))
}

/// Deliveries to a webhook
///
/// Newest first, kept for 30 days. Filters: `state` and `event`, by `eq`, and `created_at`.
#[utoipa::path(
    get, path = "/admin/v1/webhooks/{id}/deliveries", tag = "Webhooks",
    params(("id" = String, Path, description = "`whk_…`", example = "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51"), Pages, Totals, Filters),
    responses(
        (status = 200, body = List<WebhookDelivery>),
        (status = 404, description = "`webhook_not_found`: there is no such webhook.")
    ),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn list_webhook_deliveries(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(webhook): Path<String>,
    params: Params,
) -> Result<Answer<List<WebhookDelivery>>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    let found = ListHookDeliveriesRequest { webhook, page: Some(wanted.page.clone()), ..filter(&wanted)? };
    let found = peers.hook_deliveries().list_hook_deliveries(caller.ask(found)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.deliveries, found.page)))
}

/// What deliveries are filtered by; fields and operators that are not known are refused.
fn filter(wanted: &Wanted) -> Result<ListHookDeliveriesRequest, Problem> {
    let (mut filter, mut since, mut until) = (ListHookDeliveriesRequest::default(), None, None);
    for condition in wanted.conditions() {
        match condition.field.as_str() {
            "state" => filter.state = only_equal(condition)?,
            "event" => filter.event = only_equal(condition)?,
            "created_at" => {
                let (first, last) = span(condition)?;
                since = since.max(first); // nothing is less than any moment
                until = [until, last].into_iter().flatten().min();
            }
            other => {
                let detail = format!("{other} is none of state, event, created_at");
                return Err(Violation::new(pointer(condition), "unknown_field", detail).into());
            }
        }
    }
    Ok(ListHookDeliveriesRequest { since: since.map(timestamp), until: until.map(timestamp), ..filter })
}

/// A delivery
///
/// With what is sent and every attempt.
#[utoipa::path(
    get, path = "/admin/v1/webhooks/{id}/deliveries/{delivery}", tag = "Webhooks",
    params(
        ("id" = String, Path, description = "`whk_…`", example = "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51"),
        ("delivery" = String, Path, description = "`whd_…`", example = "whd_01939b7e5d3c7a2c9d2f1e0b7c6a5d52")
    ),
    responses(
        (status = 200, body = WebhookDelivery),
        (status = 404, description = "`webhook_not_found`, `delivery_not_found`: there is no such webhook or delivery.")
    ),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn get_webhook_delivery(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((webhook, id)): Path<(String, String)>,
) -> Result<Answer<WebhookDelivery>, Problem> {
    let wanted = GetHookDeliveryRequest { webhook, id };
    Ok(Answer::of(peers.hook_deliveries().get_hook_delivery(caller.ask(wanted)).await?))
}

/// Deliver again
///
/// At once, under the same `webhook-id`, with all attempts anew.
#[utoipa::path(
    post, path = "/admin/v1/webhooks/{id}/deliveries/{delivery}/redeliver", tag = "Webhooks",
    params(
        ("id" = String, Path, description = "`whk_…`", example = "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51"),
        ("delivery" = String, Path, description = "`whd_…`", example = "whd_01939b7e5d3c7a2c9d2f1e0b7c6a5d52")
    ),
    responses(
        (status = 200, body = WebhookDelivery),
        (status = 404, description = "`webhook_not_found`, `delivery_not_found`: there is no such webhook or delivery."),
        (status = 422, description = "`webhook_disabled`: it is switched off.")
    ),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn redeliver_webhook_delivery(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path((webhook, id)): Path<(String, String)>,
) -> Result<Answer<WebhookDelivery>, Problem> {
    let wanted = RedeliverHookRequest { webhook, id };
    Ok(Answer::of(peers.hook_deliveries().redeliver_hook(caller.ask(wanted)).await?))
}

/// Deliver again what failed
///
/// Since a moment, the oldest first, up to a thousand at once.
#[utoipa::path(
    post, path = "/admin/v1/webhooks/{id}/recover", tag = "Webhooks",
    params(("id" = String, Path, description = "`whk_…`", example = "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51")),
    request_body = RecoverySince,
    responses(
        (status = 200, body = WebhookRecovery),
        (status = 404, description = "`webhook_not_found`: there is no such webhook."),
        (status = 422, description = "`webhook_disabled`: it is switched off.")
    ),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn recover_webhook(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(webhook): Path<String>,
    Body(RecoverySince { since }): Body<RecoverySince>,
) -> Result<Answer<WebhookRecovery>, Problem> {
    let wanted = RecoverWebhookRequest { webhook, since: Some(timestamp(since)) };
    Ok(Answer::of(peers.hook_deliveries().recover_webhook(caller.ask(wanted)).await?))
}
