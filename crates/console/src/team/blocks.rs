//! The block list (ID-26).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::identity::v1::{Block, CreateBlockRequest, DeleteBlockRequest, ListBlocksRequest};
use serde::Deserialize;

use super::complaint;
use crate::{console::Console, frame::Frame, problem::Problem, show::Moment, visit::SignedIn};

struct Row {
    block: Block,
    since: Option<Moment>,
    until: Option<Moment>,
}

#[derive(Template, WebTemplate)]
#[template(path = "team/blocks.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    failure: String,
}

/// Whom to keep out.
#[derive(Deserialize)]
pub struct Entry {
    kind: String,
    value: String,
    reason: String,
    #[serde(default)]
    days: String,
}

/// Which entry.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

async fn page(console: &Console, desk: &SignedIn, failure: String) -> Result<Page, Problem> {
    let blocks = console.blocks.clone().list_blocks(desk.ask(ListBlocksRequest {})).await?.into_inner().blocks;
    let zone = desk.session.zone;
    let rows = blocks.into_iter().map(|block| Row {
        since: Moment::new(block.created_at.as_ref(), zone),
        until: Moment::new(block.expires_at.as_ref(), zone),
        block,
    });
    Ok(Page { frame: Frame::of(&desk.visit), rows: rows.collect(), failure })
}

/// `GET /console/team/blocks`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    Ok(page(&console, &desk, String::new()).await?.into_response())
}

/// `POST /console/team/blocks`.
pub async fn add(
    State(console): State<Console>,
    desk: SignedIn,
    Form(entry): Form<Entry>,
) -> Result<Response, Problem> {
    let Entry { kind, value, reason, days } = entry;
    let days: Option<i64> = days.trim().parse().ok().filter(|days| (1..=3650).contains(days));
    let expires_at = days.map(|days| kit::clock::timestamp(console.clock.now() + chrono::TimeDelta::days(days)));
    let request = CreateBlockRequest { kind, value, reason, expires_at };
    match console.blocks.clone().create_block(desk.ask(request)).await {
        Ok(_) => Ok(Redirect::to("/console/team/blocks").into_response()),
        Err(status) => Ok(page(&console, &desk, complaint(status)?).await?.into_response()),
    }
}

/// `POST /console/team/blocks/drop`.
pub async fn drop(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Which { id }): Form<Which>,
) -> Result<Redirect, Problem> {
    console.blocks.clone().delete_block(desk.ask(DeleteBlockRequest { id })).await?;
    Ok(Redirect::to("/console/team/blocks"))
}
