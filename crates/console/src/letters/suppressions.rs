//! Addresses that marketing is not sent to any more (NO-4).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::permission::Permission;
use proto::{
    base::v1::PageRequest,
    notifications::v1::{LiftSuppressionRequest, ListSuppressionsRequest, Suppression},
};
use serde::Deserialize;

use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Moment, Redacted, label, url},
    visit::SignedIn,
};

/// Addresses of a page.
const ROWS: u32 = 50;
/// Where the list is.
const PATH: &str = "/console/campaigns/suppressed";

struct Row {
    id: String,
    to: String,
    masked: bool,
    channel: String,
    customer: String,
    cause: String,
    since: Option<Moment>,
}

#[derive(Template, WebTemplate)]
#[template(path = "letters/suppressed.html")]
struct Page {
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

/// `GET /console/campaigns/suppressed`.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Query(From { after }): Query<From>,
) -> Result<Response, Problem> {
    let page = Some(PageRequest { limit: ROWS, after, ..PageRequest::default() });
    let asked = ListSuppressionsRequest { customer: String::new(), page };
    let found = console.suppressions.clone().list_suppressions(desk.ask(asked)).await?.into_inner();
    let next = found.page.unwrap_or_default().next;
    let older = if next.is_empty() { next } else { url(PATH, &[("after", &next)]) };
    let row = |one: Suppression| Row {
        masked: Redacted(&one.redacted).has("to"),
        id: one.id,
        to: one.to,
        channel: label::channel(&one.channel),
        customer: one.customer,
        cause: label::words(&one.cause),
        since: Moment::new(one.created_at.as_ref(), desk.session.zone),
    };
    let rows = found.suppressions.into_iter().map(row).collect();
    let writes = desk.session.may(Permission::MessagesWrite);
    Ok(Page { frame: Frame::of(&desk.visit), rows, older, writes }.into_response())
}

/// Which of them.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

/// `POST /console/campaigns/suppressed`: lifts one.
pub async fn lift(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Which { id }): Form<Which>,
) -> Result<Response, Problem> {
    console.suppressions.clone().lift_suppression(desk.ask(LiftSuppressionRequest { id })).await?;
    Ok(Redirect::to(PATH).into_response())
}
