//! The log of everything that was sent to people (NO-1).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use kit::permission::Permission;
use proto::notifications::v1::{self as pb, GetMessageRequest, ListMessagesRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::{Filters, Pages, Totals};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, text, time},
};

/// The routes about messages.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_messages)).routes(routes!(get_message))
}

/// What messages can be asked for.
pub const OFFER: Offer = &[Extra::Filters, Extra::Total];

/// A message that was sent, or is about to be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "msg_01939b7e5d3c7a2c9d2f1e0b7c6a5d49", "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "customer": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "channel": "email", "template": "order_confirmation",
    "to": "jane@example.com", "subject": "Your order 1042", "content": "Thank you for your order.",
    "purpose": "service", "campaign": null, "status": "sent", "failure": null,
    "events": [
        {"status": "queued", "at": "2026-03-02T12:00:00Z"}, {"status": "sent", "at": "2026-03-02T12:00:01Z"},
    ],
    "created_at": "2026-03-02T12:00:00Z", "redacted": [],
}))]
pub struct Message {
    /// `msg_…`.
    pub id: String,
    /// Store in whose name it goes.
    pub store: Option<String>,
    /// Customer it goes to, when there is a record.
    pub customer: Option<String>,
    /// `email`, `sms` or `push`.
    pub channel: String,
    /// Name of the template.
    pub template: String,
    /// Address, number or device.
    pub to: String,
    /// Subject, once it is rendered.
    pub subject: Option<String>,
    /// Text with secrets masked, once it is rendered.
    pub content: Option<String>,
    /// `service`, or `marketing`, which went because its reader agreed to it.
    pub purpose: String,
    /// The campaign it belongs to.
    pub campaign: Option<String>,
    /// `queued`, `sent`, `delivered`, `bounced` or `failed`.
    pub status: String,
    /// Why it was given up, such as `rejected` or `no_consent`.
    pub failure: Option<String>,
    /// What happened, oldest first.
    pub events: Vec<MessageEvent>,
    /// When it was queued.
    pub created_at: Option<DateTime<Utc>>,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

/// A step of a message.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageEvent {
    /// Status after the step.
    pub status: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

impl From<pb::Message> for Message {
    fn from(message: pb::Message) -> Self {
        let events = message.events.into_iter();
        Self {
            id: message.id,
            store: text(message.store),
            customer: text(message.customer),
            channel: message.channel,
            template: message.template,
            to: message.to,
            subject: text(message.subject),
            content: text(message.content),
            purpose: message.purpose,
            campaign: text(message.campaign),
            status: message.status,
            failure: text(message.failure),
            events: events.map(|event| MessageEvent { status: event.status, at: time(event.at) }).collect(),
            created_at: time(message.created_at),
            redacted: message.redacted,
        }
    }
}

/// Messages to `customer`, of a `template` and with a `status`; any when empty.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    [customer, template, status]: [String; 3],
    wanted: Wanted,
) -> Result<Answer<List<Message>>, Problem> {
    let wanted = ListMessagesRequest { customer, template, status, page: Some(wanted.page) };
    let found = peers.messages().list_messages(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.messages, found.page)))
}

/// Messages
///
/// Newest first. Filters: `customer`, `template` and `status`, by `eq`.
#[utoipa::path(
    get, path = "/admin/v1/messages", tag = "Messages", params(Pages, Totals, Filters),
    responses((status = 200, body = List<Message>)),
    extensions(("x-permission" = json!([Permission::MessagesRead.slug()])))
)]
async fn list_messages(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Message>>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    list(&peers, &caller, wanted.only(["customer", "template", "status"])?, wanted).await
}

/// A message
#[utoipa::path(
    get, path = "/admin/v1/messages/{id}", tag = "Messages",
    params(("id" = String, Path, description = "`msg_…`", example = "msg_01939b7e5d3c7a2c9d2f1e0b7c6a5d49")),
    responses((status = 200, body = Message), (status = 404, description = "`message_not_found`: there is no such message.")),
    extensions(("x-permission" = json!([Permission::MessagesRead.slug()])))
)]
async fn get_message(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Message>, Problem> {
    Ok(Answer::of(peers.messages().get_message(caller.ask(GetMessageRequest { id })).await?))
}
