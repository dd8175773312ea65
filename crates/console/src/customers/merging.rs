//! Making one record of two: compared side by side, confirmed by typing the id of the one that goes (CU-13).
use std::collections::HashMap;

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::customers::v1::{
    Customer, GetJobRequest, MergeBlocker, MergeConflict, MergeCustomersRequest, PreviewMergeRequest,
};
use serde::Deserialize;

use super::head::{Head, at, customer};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, label},
    team::{Fields, complaint},
    visit::{SignedIn, once},
};

/// Which record would go.
#[derive(Deserialize)]
pub struct Other {
    #[serde(default)]
    other: String,
}

/// A field that says something else on either side.
struct Row {
    field: String,
    name: String,
    this: String,
    other: String,
}

/// What is compared.
struct Pair {
    other: Customer,
    title: String,
    version: i64,
    conflicts: Vec<Row>,
    moves: Vec<(String, i64)>,
    /// Services that could not say what they have.
    uncounted: Vec<String>,
    blockers: Vec<MergeBlocker>,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/merge.html")]
struct Page {
    frame: Frame,
    head: Head,
    asked: String,
    pair: Option<Pair>,
    /// What makes the form count once however often it is sent.
    key: String,
    failure: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/merged.html")]
struct Merged {
    frame: Frame,
    head: Head,
    state: Badge,
    running: bool,
    done: i64,
    total: i64,
    steps: Vec<(String, String)>,
}

impl Row {
    fn new(conflict: MergeConflict) -> Self {
        Self { name: label::field(&conflict.field), field: conflict.field, this: conflict.this, other: conflict.other }
    }
}

async fn page(
    console: &Console,
    desk: &SignedIn,
    (id, asked): (String, String),
    mut failure: String,
) -> Result<Page, Problem> {
    let kept = customer(console, desk, &id).await?;
    let mut pair = None;
    if !asked.is_empty() {
        let request = PreviewMergeRequest { id: kept.id.clone(), other: asked.clone() };
        match console.merges.clone().preview_merge(desk.ask(request)).await {
            Ok(preview) => {
                let preview = preview.into_inner();
                let other = preview.other.unwrap_or_default();
                let mut moves: Vec<_> =
                    preview.moves.into_iter().map(|(kind, count)| (label::words(&kind), count)).collect();
                moves.sort_unstable();
                pair = Some(Pair {
                    title: super::row::title(&other),
                    version: other.version,
                    other,
                    conflicts: preview.conflicts.into_iter().map(Row::new).collect(),
                    moves,
                    uncounted: preview.uncounted,
                    blockers: preview.blockers,
                });
            }
            Err(status) if status.code() == tonic::Code::NotFound => {
                "there is no such customer".clone_into(&mut failure);
            }
            Err(status) => failure = complaint(status)?,
        }
    }
    let key = format!("console-{}", desk.visit.request_id());
    let head = Head::new(&kept, &desk.session, "/merge");
    Ok(Page { frame: Frame::of(&desk.visit), head, asked, pair, key, failure })
}

/// `GET /console/customers/{id}/merge`.
pub async fn compare(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Query(Other { other }): Query<Other>,
) -> Result<Response, Problem> {
    Ok(page(&console, &desk, (id, other.trim().to_owned()), String::new()).await?.into_response())
}

/// `POST /console/customers/{id}/merge`.
pub async fn merge(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let other = fields.text("other");
    let keep: HashMap<String, String> = fields.starting("keep.").collect();
    let request = MergeCustomersRequest {
        id: id.clone(),
        other: other.clone(),
        other_version: fields.text("other_version").parse().unwrap_or_default(),
        confirm: fields.text("confirm").trim().to_owned(),
        reason: fields.text("reason"),
        ownership: fields.text("ownership"),
        keep,
        notify: fields.text("notify") == "yes",
    };
    let asked = once((&fields.text("key"), &body), desk.ask_at(&fields.text("version"), request));
    match console.merges.clone().merge_customers(asked).await {
        Ok(job) => Ok(Redirect::to(&at(&id, &format!("/merge/{}", job.into_inner().id))?).into_response()),
        Err(status) => {
            let failure = complaint(status)?;
            Ok(page(&console, &desk, (id, other), failure).await?.into_response())
        }
    }
}

/// `GET /console/customers/{id}/merge/{job}`.
pub async fn progress(
    State(console): State<Console>,
    desk: SignedIn,
    Path((id, job)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let kept = customer(&console, &desk, &id).await?;
    let job = console.jobs.clone().get_job(desk.ask(GetJobRequest { id: job })).await?.into_inner();
    let steps = job.steps.into_iter().map(|step| {
        let mut counts: Vec<_> = step.counts.into_iter().filter(|(_, count)| *count > 0).collect();
        counts.sort_unstable();
        let counts = counts.into_iter().map(|(kind, count)| format!("{count} {}", label::words(&kind).to_lowercase()));
        (label::words(&step.service), counts.collect::<Vec<_>>().join(", "))
    });
    let merged = Merged {
        frame: Frame::of(&desk.visit),
        head: Head::new(&kept, &desk.session, "/merge"),
        state: Badge::new(&job.state),
        running: job.state == "running",
        done: job.done,
        total: job.total,
        steps: steps.collect(),
    };
    Ok(merged.into_response())
}
