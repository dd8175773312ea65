//! What staff write to many (NO-6).
use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::{clock::timestamp, permission::Permission};
use proto::notifications::v1::{
    self as pb, BeginCampaignRequest, CancelCampaignRequest, GetCampaignRequest, LetterText, ListCampaignsRequest,
    PreviewCampaignRequest,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{ToSchema, openapi::Ref};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list_query::Pages;
use crate::{
    answer::Answer,
    caller::Caller,
    doc::filters::CUSTOMER_TREE,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        filter,
        list::{Offer, Wanted},
        params::{NoParams, Params},
        patch::as_given,
    },
    router::Gateway,
    shape::{List, text, time},
};

/// The routes about campaigns.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_campaigns, begin_campaign))
        .routes(routes!(preview_campaign))
        .routes(routes!(get_campaign))
        .routes(routes!(cancel_campaign))
}

const OFFER: Offer = &[];

/// The filter of a customer search.
fn tree() -> Ref {
    Ref::from_schema_name(CUSTOMER_TREE)
}

/// Something that is written to many.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "cmp_01939b7e5d3c7a2c9d2f1e0b7c6a5d62", "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "name": "Spring",
    "channel": "email", "purpose": "marketing", "subject": "Spring at {{store}}", "text": "Dear {{name|customer}}, …",
    "segment": "seg_01939b7e5d3c7a2c9d2f1e0b7c6a5d50", "state": "sending", "failure": null,
    "recipients": 120, "looked_at": 100, "sent": 60, "waiting": 10, "failed": 0, "skipped": {"no_consent": 30},
    "send_at": "2026-03-02T12:00:00Z", "created_by": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a",
    "created_at": "2026-03-02T12:00:00Z", "ended_at": null,
}))]
pub struct Campaign {
    /// `cmp_…`.
    pub id: String,
    /// In whose name it goes.
    pub store: String,
    /// What staff call it.
    pub name: String,
    /// `email` or `sms`.
    pub channel: String,
    /// `service` or `marketing`.
    pub purpose: String,
    /// Subject of mails.
    pub subject: Option<String>,
    /// Text, with its placeholders.
    pub text: String,
    /// The segment it was begun with.
    pub segment: Option<String>,
    /// `queued`, `sending`, `done`, `cancelled` or `failed`.
    pub state: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// How many customers the filter found when it was begun …
    pub recipients: i64,
    /// … how many of them were looked at …
    pub looked_at: i64,
    /// … and what became of their messages: left the house …
    pub sent: i64,
    /// … wait to …
    pub waiting: i64,
    /// … could not be delivered …
    pub failed: i64,
    /// … or were not to be sent, by reason: `no_consent`, `no_address`, `inactive`, `suppressed`, `cancelled` or
    /// `customer_unknown`.
    pub skipped: BTreeMap<String, i64>,
    /// When it begins.
    pub send_at: Option<DateTime<Utc>>,
    /// Who began it, `stf_…` or `akey_…`.
    pub created_by: String,
    /// When.
    pub created_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl From<pb::Campaign> for Campaign {
    fn from(campaign: pb::Campaign) -> Self {
        let letter = campaign.letter.unwrap_or_default();
        Self {
            id: campaign.id,
            store: campaign.store,
            name: campaign.name,
            channel: letter.channel,
            purpose: letter.purpose,
            subject: text(letter.subject),
            text: letter.text,
            segment: text(campaign.segment),
            state: campaign.state,
            failure: text(campaign.failure),
            recipients: campaign.recipients,
            looked_at: campaign.looked_at,
            sent: campaign.sent,
            waiting: campaign.waiting,
            failed: campaign.failed,
            skipped: campaign.skipped.into_iter().collect(),
            send_at: time(campaign.send_at),
            created_by: campaign.created_by,
            created_at: time(campaign.created_at),
            ended_at: time(campaign.ended_at),
        }
    }
}

/// Who would get a campaign, and what it would look like.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "recipients": 120, "reachable": 80, "skipped": {"no_consent": 40}, "subject": "Spring at Corner Shop",
    "text": "Dear Jane Doe, …", "html": "<!doctype html>…",
}))]
pub struct CampaignPreview {
    /// How many customers the filter finds.
    pub recipients: i64,
    /// How many of them would be written to.
    pub reachable: i64,
    /// How many would not, by reason.
    pub skipped: BTreeMap<String, i64>,
    /// Subject, to somebody of an invented name.
    pub subject: Option<String>,
    /// Text.
    pub text: String,
    /// The same as a page; none for text messages.
    pub html: Option<String>,
}

impl From<pb::CampaignPreview> for CampaignPreview {
    fn from(preview: pb::CampaignPreview) -> Self {
        Self {
            recipients: preview.recipients,
            reachable: preview.reachable,
            skipped: preview.skipped.into_iter().collect(),
            subject: text(preview.subject),
            text: preview.text,
            html: text(preview.html),
        }
    }
}

/// What is written to many, and to whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "channel": "email", "purpose": "marketing", "subject": "Spring", "text": "Dear customer, spring is here.",
    "filter": {"field": "lifecycle", "op": "eq", "value": "customer"},
}))]
pub struct CampaignDraft {
    /// `email` or `sms`.
    #[schema(pattern = "^(email|sms)$")]
    pub channel: String,
    /// `service` or `marketing`, which goes to those who agreed to it alone.
    #[schema(pattern = "^(service|marketing)$")]
    pub purpose: String,
    /// Subject of a mail; text messages have none.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f{]*$")]
    pub subject: Option<String>,
    /// As in a message to one customer.
    #[schema(
        max_length = 10_000,
        pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{]*[^\s\x00-\x1f\x7f-\x9f{][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{]*$"
    )]
    pub text: String,
    /// To whom, as in a search; or `segment`, or those of both.
    #[serde(default, deserialize_with = "as_given")]
    #[schema(schema_with = tree)]
    pub filter: Option<Value>,
    /// A saved segment.
    #[serde(default)]
    #[schema(pattern = "^seg_[0-9a-f]{32}$", example = "seg_01939b7e5d3c7a2c9d2f1e0b7c6a5d50")]
    pub segment: Option<String>,
    /// In whose name, `sto_…`; needed in a network where no store is chosen. It writes to the customers that it knows.
    #[serde(default)]
    #[schema(pattern = "^sto_[0-9a-f]{32}$")]
    pub store: Option<String>,
}

/// A campaign to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Spring", "channel": "email", "purpose": "marketing", "subject": "Spring",
    "text": "Dear customer, spring is here.", "filter": {"field": "lifecycle", "op": "eq", "value": "customer"},
}))]
pub struct NewCampaign {
    /// What to call it.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// `email` or `sms`.
    #[schema(pattern = "^(email|sms)$")]
    pub channel: String,
    /// `service` or `marketing`, which goes to those who agreed to it alone.
    #[schema(pattern = "^(service|marketing)$")]
    pub purpose: String,
    /// Subject of a mail; text messages have none.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f{]*$")]
    pub subject: Option<String>,
    /// As in a message to one customer.
    #[schema(
        max_length = 10_000,
        pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{]*[^\s\x00-\x1f\x7f-\x9f{][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{]*$"
    )]
    pub text: String,
    /// To whom, as in a search; or `segment`, or those of both.
    #[serde(default, deserialize_with = "as_given")]
    #[schema(schema_with = tree)]
    pub filter: Option<Value>,
    /// A saved segment.
    #[serde(default)]
    #[schema(pattern = "^seg_[0-9a-f]{32}$", example = "seg_01939b7e5d3c7a2c9d2f1e0b7c6a5d50")]
    pub segment: Option<String>,
    /// In whose name, `sto_…`; needed in a network where no store is chosen. It writes to the customers that it knows.
    #[serde(default)]
    #[schema(pattern = "^sto_[0-9a-f]{32}$")]
    pub store: Option<String>,
    /// When to begin, within a year; at once without it, and when it is over.
    #[serde(default)]
    pub send_at: Option<DateTime<Utc>>,
}

fn letter([channel, purpose]: [String; 2], subject: Option<String>, text: String) -> LetterText {
    LetterText { channel, purpose, subject: subject.unwrap_or_default(), text }
}

fn whom(tree: Option<Value>) -> Result<Option<proto::base::v1::Filter>, Problem> {
    Ok(tree.map(|tree| filter::tree(&tree, "/filter")).transpose()?)
}

/// Campaigns
///
/// Newest first, with how far each is.
#[utoipa::path(
    get, path = "/admin/v1/campaigns", tag = "Messages", params(Pages),
    responses((status = 200, body = List<Campaign>)),
    extensions(("x-permission" = json!([Permission::MessagesRead.slug()])))
)]
async fn list_campaigns(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Campaign>>, Problem> {
    let wanted = ListCampaignsRequest { page: Some(Wanted::read(params, OFFER)?.page) };
    let found = peers.campaigns().list_campaigns(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.campaigns, found.page)))
}

/// Write to many
///
/// Everybody whom the filter and the segment find is written to once, behind the request: see `Location` for how far it is.
/// Marketing goes to those who agree to it when it is sent. A store of a network writes to the customers that it knows.
#[utoipa::path(
    post, path = "/admin/v1/campaigns", tag = "Messages", request_body = NewCampaign,
    params(("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer.", example = "7f8d0e1c-spring")),
    responses(
        (status = 202, body = Campaign, description = "It has begun, or waits for its time."),
        (status = 403, description = "`pii_required`: filtering by personal fields needs customers.pii."),
        (status = 404, description = "`segment_not_found`: there is no such segment."),
        (status = 422, description = "`too_many_campaigns`: ten are under way already.")
    ),
    extensions(("x-permission" = json!([Permission::MessagesWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn begin_campaign(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(new): Body<NewCampaign>,
) -> Result<Answer<Campaign>, Problem> {
    let wanted = BeginCampaignRequest {
        name: new.name,
        store: new.store.unwrap_or_default(),
        letter: Some(letter([new.channel, new.purpose], new.subject, new.text)),
        filter: whom(new.filter)?,
        segment: new.segment.unwrap_or_default(),
        send_at: new.send_at.map(timestamp),
    };
    let campaign = Answer::<Campaign>::of(peers.campaigns().begin_campaign(caller.ask(wanted)).await?);
    let location = format!("/admin/v1/campaigns/{}", campaign.body.id);
    Ok(campaign.created(location).status(StatusCode::ACCEPTED))
}

/// Preview a campaign
///
/// How many would get it and why others would not, and what it would look like. Nothing is kept or sent.
#[utoipa::path(
    post, path = "/admin/v1/campaigns/preview", tag = "Messages", request_body = CampaignDraft,
    responses(
        (status = 200, body = CampaignPreview),
        (status = 403, description = "`pii_required`: filtering by personal fields needs customers.pii."),
        (status = 404, description = "`segment_not_found`: there is no such segment.")
    ),
    extensions(("x-permission" = json!([Permission::MessagesWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn preview_campaign(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(draft): Body<CampaignDraft>,
) -> Result<Answer<CampaignPreview>, Problem> {
    let wanted = PreviewCampaignRequest {
        store: draft.store.unwrap_or_default(),
        letter: Some(letter([draft.channel, draft.purpose], draft.subject, draft.text)),
        filter: whom(draft.filter)?,
        segment: draft.segment.unwrap_or_default(),
    };
    Ok(Answer::of(peers.campaigns().preview_campaign(caller.ask(wanted)).await?))
}

/// A campaign
#[utoipa::path(
    get, path = "/admin/v1/campaigns/{id}", tag = "Messages",
    params(("id" = String, Path, description = "`cmp_…`", example = "cmp_01939b7e5d3c7a2c9d2f1e0b7c6a5d62")),
    responses((status = 200, body = Campaign), (status = 404, description = "`campaign_not_found`: there is no such campaign.")),
    extensions(("x-permission" = json!([Permission::MessagesRead.slug()])))
)]
async fn get_campaign(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Campaign>, Problem> {
    Ok(Answer::of(peers.campaigns().get_campaign(caller.ask(GetCampaignRequest { id })).await?))
}

/// Stop a campaign
///
/// What has left the house stays sent; nobody else is written to. Repeating it changes nothing.
#[utoipa::path(
    post, path = "/admin/v1/campaigns/{id}/cancel", tag = "Messages",
    params(("id" = String, Path, description = "`cmp_…`", example = "cmp_01939b7e5d3c7a2c9d2f1e0b7c6a5d62")),
    responses(
        (status = 200, body = Campaign),
        (status = 404, description = "`campaign_not_found`: there is no such campaign."),
        (status = 409, description = "`campaign_ended`: it is over.")
    ),
    extensions(("x-permission" = json!([Permission::MessagesWrite.slug()])))
)]
async fn cancel_campaign(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Campaign>, Problem> {
    Ok(Answer::of(peers.campaigns().cancel_campaign(caller.ask(CancelCampaignRequest { id })).await?))
}
