//! What staff write to a customer themselves (NO-6), and what came back (NO-4).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::notifications::v1::{
    self as pb, LetterText, LiftSuppressionRequest, ListSuppressionsRequest, WriteLetterRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    list_query::{Filters, Pages},
    messages::Message,
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
    shape::{List, text, time},
};

/// The routes.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(write_letter))
        .routes(routes!(list_suppressions))
        .routes(routes!(lift_suppression))
}

const OFFER: Offer = &[Extra::Filters];

/// A message to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "channel": "email", "purpose": "service", "subject": "Your lid is here",
    "text": "Dear {{first_name|customer}},\n\nyour lid has come in: https://shop.example.com/lids\n\n{{store}}",
}))]
pub struct NewLetter {
    /// `email` or `sms`.
    #[schema(pattern = "^(email|sms)$")]
    pub channel: String,
    /// `service` is about what they bought or asked for; `marketing` needs their consent for the channel.
    #[schema(pattern = "^(service|marketing)$")]
    pub purpose: String,
    /// Subject of a mail; text messages have none.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f{]*$")]
    pub subject: Option<String>,
    /// Plain text; blank lines make paragraphs, addresses become links. `{{name}}`, `{{first_name}}` and `{{store}}` stand
    /// for what they say; `{{name|there}}` says what stands where there is no name. A text message has at most 1,000
    /// characters.
    #[schema(
        max_length = 10_000,
        pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{]*[^\s\x00-\x1f\x7f-\x9f{][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{]*$"
    )]
    pub text: String,
    /// In whose name, `sto_…`; needed in a network where no store is chosen.
    #[serde(default)]
    #[schema(pattern = "^sto_[0-9a-f]{32}$")]
    pub store: Option<String>,
}

/// An address that marketing is not sent to any more, since what was sent there came back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "spp_01939b7e5d3c7a2c9d2f1e0b7c6a5d61", "channel": "email", "to": "gone@example.com",
    "customer": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "cause": "rejected",
    "message": "msg_01939b7e5d3c7a2c9d2f1e0b7c6a5d49", "created_at": "2026-03-02T12:00:00Z", "redacted": [],
}))]
pub struct Suppression {
    /// `spp_…`.
    pub id: String,
    /// `email` or `sms`.
    pub channel: String,
    /// The address or number.
    pub to: String,
    /// Whose it was, when there is a record.
    pub customer: Option<String>,
    /// `rejected` by who takes mail or text messages in, or `unsubscribed` with the provider of text messages.
    pub cause: String,
    /// The message that came back.
    pub message: String,
    /// When.
    pub created_at: Option<DateTime<Utc>>,
    /// Names of the fields that are masked in this answer.
    pub redacted: Vec<String>,
}

impl From<pb::Suppression> for Suppression {
    fn from(one: pb::Suppression) -> Self {
        Self {
            id: one.id,
            channel: one.channel,
            to: one.to,
            customer: text(one.customer),
            cause: one.cause,
            message: one.message,
            created_at: time(one.created_at),
            redacted: one.redacted,
        }
    }
}

/// Write to a customer
///
/// Queued at once and sent behind the request: read the message to see what became of it. Marketing is sent only while its
/// reader agrees to it; mail of that kind says how it is ended.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/messages", tag = "Messages", request_body = NewLetter,
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses(
        (status = 201, body = Message),
        (status = 404, description = "`customer_not_found`: there is no such customer, or the store does not know them."),
        (status = 409, description = "`no_consent`: they have not agreed to marketing by this channel. | `no_address`: there is nothing to send to. | `customer_inactive`: every door is closed to them. | `suppressed`: what was sent there came back.")
    ),
    extensions(("x-permission" = json!([Permission::MessagesWrite.slug()])))
)]
async fn write_letter(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
    Body(letter): Body<NewLetter>,
) -> Result<Answer<Message>, Problem> {
    let NewLetter { channel, purpose, subject, text, store } = letter;
    let letter = Some(LetterText { channel, purpose, subject: subject.unwrap_or_default(), text });
    let wanted = WriteLetterRequest { customer, store: store.unwrap_or_default(), letter };
    let message = Answer::<Message>::of(peers.letters().write_letter(caller.ask(wanted)).await?);
    let location = format!("/admin/v1/messages/{}", message.body.id);
    Ok(message.created(location))
}

/// Suppressed addresses
///
/// Newest first. Filter: `customer`, by `eq`.
#[utoipa::path(
    get, path = "/admin/v1/suppressions", tag = "Messages", params(Pages, Filters),
    responses((status = 200, body = List<Suppression>)),
    extensions(("x-permission" = json!([Permission::MessagesRead.slug()])))
)]
async fn list_suppressions(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Suppression>>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    let [customer] = wanted.only(["customer"])?;
    let wanted = ListSuppressionsRequest { customer, page: Some(wanted.page) };
    let found = peers.suppressions().list_suppressions(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.suppressions, found.page)))
}

/// Lift a suppression
///
/// Marketing goes there again, to those who agree to it. What comes back makes another one.
#[utoipa::path(
    delete, path = "/admin/v1/suppressions/{id}", tag = "Messages",
    params(("id" = String, Path, description = "`spp_…`", example = "spp_01939b7e5d3c7a2c9d2f1e0b7c6a5d61")),
    responses(
        (status = 204, description = "It is lifted."),
        (status = 404, description = "`suppression_not_found`: there is no such suppression.")
    ),
    extensions(("x-permission" = json!([Permission::MessagesWrite.slug()])))
)]
async fn lift_suppression(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.suppressions().lift_suppression(caller.ask(LiftSuppressionRequest { id })).await?;
    Ok(StatusCode::NO_CONTENT)
}
