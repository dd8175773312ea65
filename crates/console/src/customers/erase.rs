//! Erasing a customer after a question that has to be answered with their id, and how far that is (CU-15).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use kit::{ids::JobId, secret};
use proto::customers::v1::{Customer, EraseCustomerRequest, ExportCustomerRequest, GetJobRequest, Job};
use serde::Deserialize;

use super::head::{Head, customer};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    team::complaint,
    visit::{SignedIn, once},
};

#[derive(Template, WebTemplate)]
#[template(path = "customers/erase.html")]
struct Page {
    frame: Frame,
    head: Head,
    key: String,
    failure: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/erased.html")]
struct Progress {
    frame: Frame,
    job: Job,
    counts: Vec<(String, String)>,
}

/// What was answered.
#[derive(Deserialize)]
pub struct Answer {
    key: String,
    reason: String,
    confirm: String,
}

fn page(desk: &SignedIn, customer: &Customer, failure: String) -> Response {
    let head = Head::new(customer, &desk.session, "/erase");
    let key = secret::token("erase");
    Page { frame: Frame::of(&desk.visit), head, key, failure }.into_response()
}

/// `GET /console/customers/{id}/erase`.
pub async fn ask(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    Ok(page(&desk, &customer(&console, &desk, &id).await?, String::new()))
}

/// `POST /console/customers/{id}/erase`.
pub async fn erase(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(Answer { key, reason, confirm }): Form<Answer>,
) -> Result<Response, Problem> {
    let (confirm, asked) = (confirm.trim().to_owned(), format!("erase {id} {reason}"));
    let request = EraseCustomerRequest { id: id.clone(), reason, confirm };
    match console.erasures.clone().erase_customer(once((&key, &asked), desk.ask(request))).await {
        Ok(job) => {
            let job: JobId = job.into_inner().id.parse().map_err(|_| Problem::not_found())?;
            Ok(Redirect::to(&format!("/console/erasures/{job}")).into_response())
        }
        Err(status) => {
            let failure = complaint(status)?;
            Ok(page(&desk, &customer(&console, &desk, &id).await?, failure))
        }
    }
}

/// `GET /console/erasures/{job}`: shows itself anew until it is done.
pub async fn progress(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let job = console.jobs.clone().get_job(desk.ask(GetJobRequest { id })).await?.into_inner();
    let rows = |count: i64| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
    let counts = job.steps.iter().map(|step| (step.service.clone(), rows(step.counts.values().sum())));
    let (counts, running) = (counts.collect(), job.ended_at.is_none());
    let page = Progress { frame: Frame::of(&desk.visit), job, counts };
    Ok(if running { ([("refresh", "2")], page).into_response() } else { page.into_response() })
}

/// `POST /console/customers/{id}/data`: all that is kept of them, as a file.
pub async fn export(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let request = desk.ask(ExportCustomerRequest { id: id.clone() });
    let exported = console.erasures.clone().export_customer(request).await?.into_inner();
    let id: kit::ids::CustomerId = id.parse().map_err(|_| Problem::not_found())?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.json\"")),
    ];
    Ok((headers, exported.json).into_response())
}
