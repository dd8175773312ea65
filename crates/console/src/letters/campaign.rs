//! One campaign: what it says, how far it is, and stopping it.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::{ids::CampaignId, permission::Permission};
use proto::notifications::v1::{CancelCampaignRequest, GetCampaignRequest};

use super::campaigns::{Row, reasons};
use crate::{console::Console, frame::Frame, problem::Problem, show::Moment, team::complaint, visit::SignedIn};

#[derive(Template, WebTemplate)]
#[template(path = "letters/campaign.html")]
struct Page {
    frame: Frame,
    row: Row,
    subject: String,
    text: String,
    looked_at: i64,
    waiting: i64,
    failed: i64,
    skipped: Vec<(String, i64)>,
    ended: Option<Moment>,
    stops: bool,
    failure: String,
}

fn known(id: &str) -> Result<CampaignId, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}

async fn page(console: &Console, desk: &SignedIn, id: CampaignId, failure: String) -> Result<Response, Problem> {
    let asked = desk.ask(GetCampaignRequest { id: id.into() });
    let campaign = console.campaigns.clone().get_campaign(asked).await?.into_inner();
    let (row, letter) = (Row::new(&campaign, desk), campaign.letter.unwrap_or_default());
    let page = Page {
        frame: Frame::of(&desk.visit),
        stops: !row.over && desk.session.may(Permission::MessagesWrite),
        row,
        subject: letter.subject,
        text: letter.text,
        looked_at: campaign.looked_at,
        waiting: campaign.waiting,
        failed: campaign.failed,
        skipped: reasons(campaign.skipped),
        ended: Moment::new(campaign.ended_at.as_ref(), desk.session.zone),
        failure,
    };
    Ok(page.into_response())
}

/// `GET /console/campaigns/{id}`.
pub async fn show(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    page(&console, &desk, known(&id)?, String::new()).await
}

/// `POST /console/campaigns/{id}/cancel`.
pub async fn cancel(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = known(&id)?;
    match console.campaigns.clone().cancel_campaign(desk.ask(CancelCampaignRequest { id: id.into() })).await {
        Ok(_) => Ok(Redirect::to(&format!("/console/campaigns/{id}")).into_response()),
        Err(status) => page(&console, &desk, id, complaint(status)?).await,
    }
}
