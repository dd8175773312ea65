//! Addresses that are told of what happens (NO-5).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::notifications::v1::{
    self as pb, ChangeWebhookRequest, CreateWebhookRequest, DeleteWebhookRequest, GetWebhookRequest,
    ListWebhookEventsRequest, ListWebhooksRequest, RotateWebhookSecretRequest, WebhookEvents,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::schema::{Array, ArrayBuilder, ObjectBuilder, SchemaType, Type},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams, patch::or_nothing},
    router::Gateway,
    shape::{List, object, text, time},
};

/// The routes about webhooks.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_webhooks, create_webhook))
        .routes(routes!(get_webhook, change_webhook, delete_webhook))
        .routes(routes!(rotate_webhook_secret))
        .routes(routes!(list_webhook_events))
}

/// An address that is told of what happens. What it is sent is signed as Standard Webhooks have it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51", "place": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "url": "https://hooks.example.com/patron", "description": "Accounting", "events": ["order.placed"],
    "enabled": true, "disabled_reason": null, "failing_since": null, "former_secret_until": null,
    "created_by": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "created_at": "2026-03-02T12:00:00Z",
    "updated_at": "2026-03-02T12:00:00Z", "version": 1,
}))]
pub struct Webhook {
    /// `whk_…`.
    pub id: String,
    /// The store or network it belongs to, `sto_…` or `net_…`.
    pub place: String,
    /// Where events are sent.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Names of the events that are sent; all when empty.
    pub events: Vec<String>,
    /// Whether anything is sent.
    pub enabled: bool,
    /// Why nothing is: `paused` by staff, `gone` when it answered 410, `failing` when everything failed for five days.
    pub disabled_reason: Option<String>,
    /// Since when everything fails.
    pub failing_since: Option<DateTime<Utc>>,
    /// What events are signed with, `whsec_…`; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Until when the former secret signs, too.
    pub former_secret_until: Option<DateTime<Utc>>,
    /// Who made it, `stf_…` or `akey_…`.
    pub created_by: String,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Grows with every change.
    pub version: i64,
}

impl Versioned for Webhook {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Webhook> for Webhook {
    fn from(webhook: pb::Webhook) -> Self {
        Self {
            id: webhook.id,
            place: webhook.place,
            url: webhook.url,
            description: webhook.description,
            events: webhook.events,
            enabled: webhook.enabled,
            disabled_reason: text(webhook.disabled_reason),
            failing_since: time(webhook.failing_since),
            secret: text(webhook.secret),
            former_secret_until: time(webhook.former_secret_until),
            created_by: webhook.created_by,
            created_at: time(webhook.created_at),
            updated_at: time(webhook.updated_at),
            version: webhook.version,
        }
    }
}

/// Names of events.
fn names() -> Array {
    let name = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[a-z_]+[.][a-z_]+$")).max_length(Some(60));
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(name).max_items(Some(100)).build()
}

/// A webhook to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "url": "https://hooks.example.com/patron", "description": "Accounting", "events": ["order.placed"],
}))]
pub struct NewWebhook {
    /// Where events are sent: a public address by https, on port 443, without a name or password in it.
    #[schema(max_length = 2000)]
    pub url: String,
    /// What it is for, at most 200 characters.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub description: Option<String>,
    /// Names of the events that are sent, as `webhook-events` lists them; all without it.
    #[serde(default)]
    #[schema(schema_with = names)]
    pub events: Option<Vec<String>>,
}

/// Changes to a webhook; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"description": "Accounting, the new one", "enabled": true}))]
pub struct WebhookChanges {
    /// Where events are sent.
    #[schema(max_length = 2000)]
    pub url: Option<String>,
    /// What it is for.
    #[serde(deserialize_with = "or_nothing")]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub description: Option<String>,
    /// Names of the events, in place of those there are; `null` for all.
    #[serde(deserialize_with = "or_nothing")]
    #[schema(schema_with = names)]
    pub events: Option<Vec<String>>,
    /// Whether anything is sent. Switched on, it counts as working until it fails again.
    pub enabled: Option<bool>,
}

/// A kind of event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "name": "cart.closed", "description": "A cart became an order.",
    "sample": {
        "id": "evt_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "type": "cart.closed", "timestamp": "2026-03-02T12:00:00.000Z",
        "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
        "data": {"cart": "cart_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "order": "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d40"},
    },
}))]
pub struct WebhookEvent {
    /// Its name.
    pub name: String,
    /// When it is sent.
    pub description: String,
    /// The body of one: ids, amounts and states, nothing personal.
    #[schema(value_type = Object)]
    pub sample: Value,
}

impl From<pb::WebhookEvent> for WebhookEvent {
    fn from(event: pb::WebhookEvent) -> Self {
        Self { name: event.name, description: event.description, sample: object(&event.sample) }
    }
}

/// Webhooks
///
/// Those of the store or network, oldest first.
#[utoipa::path(
    get, path = "/admin/v1/webhooks", tag = "Webhooks", responses((status = 200, body = List<Webhook>)),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn list_webhooks(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<Webhook>>, Problem> {
    let found = peers.webhooks().list_webhooks(caller.ask(ListWebhooksRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.webhooks)))
}

/// Make a webhook
///
/// The secret is shown this once. A store of a network hears of the customers that it knows; the network, of all.
#[utoipa::path(
    post, path = "/admin/v1/webhooks", tag = "Webhooks", request_body = NewWebhook,
    responses(
        (status = 201, body = Webhook),
        (status = 403, description = "`step_up_required`: prove first who you are."),
        (status = 422, description = "`target_refused`: events are sent to public addresses by https alone. | `unknown_event`: there is no such event. | `too_many_webhooks`: there are twenty already.")
    ),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn create_webhook(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(NewWebhook { url, description, events }): Body<NewWebhook>,
) -> Result<Answer<Webhook>, Problem> {
    let (description, events) = (description.unwrap_or_default(), events.unwrap_or_default());
    let wanted = CreateWebhookRequest { url, description, events };
    let webhook = Answer::<Webhook>::of(peers.webhooks().create_webhook(caller.ask(wanted)).await?).tagged();
    let location = format!("/admin/v1/webhooks/{}", webhook.body.id);
    Ok(webhook.created(location))
}

/// A webhook
#[utoipa::path(
    get, path = "/admin/v1/webhooks/{id}", tag = "Webhooks",
    params(("id" = String, Path, description = "`whk_…`", example = "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51")),
    responses((status = 200, body = Webhook), (status = 404, description = "`webhook_not_found`: there is no such webhook.")),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn get_webhook(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Webhook>, Problem> {
    let webhook = peers.webhooks().get_webhook(caller.ask(GetWebhookRequest { id })).await?;
    Ok(Answer::<Webhook>::of(webhook).tagged())
}

/// Change a webhook
///
/// Another address, or other events, take a recent proof of who you are. Switched off, it hears nothing, and what waits
/// for it has failed.
#[utoipa::path(
    patch, path = "/admin/v1/webhooks/{id}", tag = "Webhooks",
    params(("id" = String, Path, description = "`whk_…`", example = "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51")),
    request_body = WebhookChanges,
    responses(
        (status = 200, body = Webhook),
        (status = 403, description = "`step_up_required`: prove first who you are."),
        (status = 404, description = "`webhook_not_found`: there is no such webhook."),
        (status = 412, description = "`stale_version`: the webhook was changed in the meantime."),
        (status = 422, description = "`target_refused`: events are sent to public addresses by https alone. | `unknown_event`: there is no such event.")
    ),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn change_webhook(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(WebhookChanges { url, description, events, enabled }): Body<WebhookChanges>,
) -> Result<Answer<Webhook>, Problem> {
    let events = events.map(|names| WebhookEvents { names });
    let wanted = ChangeWebhookRequest { id, url, description, events, enabled };
    Ok(Answer::<Webhook>::of(peers.webhooks().change_webhook(caller.ask(wanted)).await?).tagged())
}

/// Drop a webhook
///
/// At once, with what waits for it and its log.
#[utoipa::path(
    delete, path = "/admin/v1/webhooks/{id}", tag = "Webhooks",
    params(("id" = String, Path, description = "`whk_…`", example = "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51")),
    responses(
        (status = 204, description = "The webhook is gone."),
        (status = 404, description = "`webhook_not_found`: there is no such webhook."),
        (status = 412, description = "`stale_version`: the webhook was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn delete_webhook(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.webhooks().delete_webhook(caller.ask(DeleteWebhookRequest { id })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a webhook another secret
///
/// It is shown this once. For 24 hours events are signed with the former one, too: change it at the receiver meanwhile.
#[utoipa::path(
    post, path = "/admin/v1/webhooks/{id}/rotate", tag = "Webhooks",
    params(("id" = String, Path, description = "`whk_…`", example = "whk_01939b7e5d3c7a2c9d2f1e0b7c6a5d51")),
    responses(
        (status = 200, body = Webhook),
        (status = 403, description = "`step_up_required`: prove first who you are."),
        (status = 404, description = "`webhook_not_found`: there is no such webhook."),
        (status = 412, description = "`stale_version`: the webhook was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn rotate_webhook_secret(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Webhook>, Problem> {
    let webhook = peers.webhooks().rotate_webhook_secret(caller.ask(RotateWebhookSecretRequest { id })).await?;
    Ok(Answer::<Webhook>::of(webhook).tagged())
}

/// Events
///
/// What webhooks can be told of, each with the body of one. Beside these a test sends `ping`.
#[utoipa::path(
    get, path = "/admin/v1/webhook-events", tag = "Webhooks", responses((status = 200, body = List<WebhookEvent>)),
    extensions(("x-permission" = json!([Permission::WebhooksWrite.slug()])))
)]
async fn list_webhook_events(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<WebhookEvent>>, Problem> {
    let found = peers.webhooks().list_webhook_events(caller.ask(ListWebhookEventsRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.events)))
}
