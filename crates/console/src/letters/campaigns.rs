//! What is written to many: the list, and the page to begin one on, which shows first who would get it.
use std::collections::HashMap;

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::permission::Permission;
use proto::{
    base::v1::PageRequest,
    customers::v1::ListSegmentsRequest,
    notifications::v1::{
        BeginCampaignRequest, Campaign, CampaignPreview, ListCampaignsRequest, PreviewCampaignRequest,
    },
};
use serde::Deserialize;

use super::draft::{Draft, stores};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, Moment, label, url},
    staff::Place,
    team::{Fields, complaint},
    visit::{SignedIn, once},
};

/// Campaigns of a page.
const ROWS: u32 = 25;
/// Where the list is.
const PATH: &str = "/console/campaigns";

/// A campaign as pages show it.
pub struct Row {
    pub id: String,
    pub name: String,
    pub channel: String,
    pub marketing: bool,
    pub state: Badge,
    pub over: bool,
    pub sent: i64,
    pub recipients: i64,
    pub begins: Option<Moment>,
    pub store: String,
}

impl Row {
    /// `campaign` for whoever is at `desk`.
    pub fn new(campaign: &Campaign, desk: &SignedIn) -> Self {
        let letter = campaign.letter.clone().unwrap_or_default();
        Self {
            id: campaign.id.clone(),
            name: campaign.name.clone(),
            channel: label::channel(&letter.channel),
            marketing: letter.purpose == "marketing",
            state: Badge::new(&campaign.state),
            over: campaign.ended_at.is_some(),
            sent: campaign.sent,
            recipients: campaign.recipients,
            begins: Moment::new(campaign.send_at.as_ref(), desk.session.zone),
            store: desk.session.store_name(&campaign.store),
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "letters/campaigns.html")]
struct List {
    frame: Frame,
    rows: Vec<Row>,
    older: String,
    writes: bool,
}

/// Where a page begins.
#[derive(Deserialize)]
pub struct From {
    #[serde(default)]
    after: String,
}

/// `GET /console/campaigns`.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Query(From { after }): Query<From>,
) -> Result<Response, Problem> {
    let page = Some(PageRequest { limit: ROWS, after, ..PageRequest::default() });
    let found = console.campaigns.clone().list_campaigns(desk.ask(ListCampaignsRequest { page })).await?.into_inner();
    let next = found.page.unwrap_or_default().next;
    let older = if next.is_empty() { next } else { url(PATH, &[("after", &next)]) };
    let rows = found.campaigns.iter().map(|campaign| Row::new(campaign, &desk)).collect();
    let writes = desk.session.may(Permission::MessagesWrite) && desk.session.may(Permission::CustomersRead);
    Ok(List { frame: Frame::of(&desk.visit), rows, older, writes }.into_response())
}

#[derive(Template, WebTemplate)]
#[template(path = "letters/new.html")]
struct New {
    frame: Frame,
    /// Id and name.
    segments: Vec<(String, String)>,
    stores: Vec<Place>,
    draft: Draft,
    name: String,
    segment: String,
    /// Who would get it, once that was asked for.
    preview: Option<CampaignPreview>,
    /// Why others would not: a reason and how many.
    skipped: Vec<(String, i64)>,
    failure: String,
}

/// What was typed around the letter.
#[derive(Default)]
struct Frames {
    name: String,
    segment: String,
    preview: Option<CampaignPreview>,
    failure: String,
}

/// Reasons in words, the most frequent first.
pub fn reasons(skipped: HashMap<String, i64>) -> Vec<(String, i64)> {
    let mut skipped: Vec<_> = skipped.into_iter().map(|(reason, count)| (label::words(&reason), count)).collect();
    skipped.sort_by(|(a, most), (b, more)| more.cmp(most).then(a.cmp(b)));
    skipped
}

async fn page(console: &Console, desk: &SignedIn, draft: Draft, around: Frames) -> Result<Response, Problem> {
    let saved = console.segments.clone().list_segments(desk.ask(ListSegmentsRequest {})).await?.into_inner().segments;
    let usable = saved.into_iter().filter(|segment| segment.redacted.is_empty());
    let Frames { name, segment, preview, failure } = around;
    let skipped = preview.as_ref().map(|preview| reasons(preview.skipped.clone())).unwrap_or_default();
    let segments = usable.map(|segment| (segment.id, segment.name)).collect();
    let (frame, stores) = (Frame::of(&desk.visit), stores(desk));
    Ok(New { frame, segments, stores, draft, name, segment, preview, skipped, failure }.into_response())
}

/// `GET /console/campaigns/new`.
pub async fn start(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    page(&console, &desk, Draft::new(), Frames::default()).await
}

/// `POST /console/campaigns/new`: shows who would get it, or begins it.
pub async fn begin(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let (draft, name, segment) = (Draft::read(&fields), fields.text("name"), fields.text("segment"));
    let (store, letter) = (draft.store.clone(), Some(draft.letter()));
    let mut campaigns = console.campaigns.clone();
    let around = Frames { name: name.clone(), segment: segment.clone(), ..Frames::default() };
    if fields.text("act") != "begin" {
        let asked = PreviewCampaignRequest { store, letter, filter: None, segment };
        return match campaigns.preview_campaign(desk.ask(asked)).await {
            Ok(seen) => page(&console, &desk, draft, Frames { preview: Some(seen.into_inner()), ..around }).await,
            Err(status) => page(&console, &desk, draft, Frames { failure: complaint(status)?, ..around }).await,
        };
    }
    let request = BeginCampaignRequest { name, store, letter, filter: None, segment, send_at: None };
    match campaigns.begin_campaign(once((&draft.key, &body), desk.ask(request))).await {
        Ok(begun) => Ok(Redirect::to(&format!("{PATH}/{}", begun.into_inner().id)).into_response()),
        Err(status) => page(&console, &desk, draft.afresh(), Frames { failure: complaint(status)?, ..around }).await,
    }
}
