//! How far a change to many customers, an audit of accounts or their clean-up is, what it could not do, and stopping it
//! (CU-8, AD-2, AD-3).
use std::fmt::Display;

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use kit::{ids::JobId, permission::Permission};
use proto::customers::v1::{CancelJobRequest, GetJobRequest, Job, JobReportPiece, ReadJobReportRequest};

use super::accounts::PATH;
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, Moment, label},
    team::complaint,
    visit::SignedIn,
};

/// Kinds of jobs that can be stopped.
const STOPPED: [&str; 3] = ["bulk", "account_audit", "account_cleanup"];

#[derive(Template, WebTemplate)]
#[template(path = "customers/job.html")]
struct Page {
    frame: Frame,
    job: Job,
    title: &'static str,
    /// What the report is called; empty when there is nothing in it.
    report: &'static str,
    /// Where its result is shown; empty when that is here.
    result: &'static str,
    state: Badge,
    done: String,
    total: String,
    refused: String,
    began: Option<Moment>,
    /// Whether the reader may stop it.
    stops: bool,
    failure: String,
}

async fn page(console: &Console, desk: &SignedIn, id: String, failure: String) -> Result<Response, Problem> {
    let job = console.jobs.clone().get_job(desk.ask(GetJobRequest { id })).await?.into_inner();
    let count = |number: i64| label::count(&number.to_string());
    let (title, report, result) = match job.kind.as_str() {
        "account_audit" => ("All accounts are looked through", "", PATH),
        "account_cleanup" => ("Accounts are removed", "What became of each", PATH),
        _ if job.refused > 0 => ("A change to many customers", "Whom it could not be done to", ""),
        _ => ("A change to many customers", "", ""),
    };
    let page = Page {
        title,
        report,
        result,
        frame: Frame::of(&desk.visit),
        state: Badge::new(&job.state),
        done: count(job.done - job.refused),
        total: count(job.total),
        refused: count(job.refused),
        began: Moment::new(job.created_at.as_ref(), desk.session.zone),
        stops: job.ended_at.is_none()
            && STOPPED.contains(&job.kind.as_str())
            && desk.session.may(Permission::CustomersWrite),
        job,
        failure,
    };
    Ok(page.into_response())
}

/// `GET /console/jobs/{id}`: looks again by itself until it has ended.
pub async fn show(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    page(&console, &desk, id, String::new()).await
}

/// `POST /console/jobs/{id}/cancel`.
pub async fn cancel(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: JobId = id.parse().map_err(|_| Problem::not_found())?;
    match console.jobs.clone().cancel_job(desk.ask(CancelJobRequest { id: id.into() })).await {
        Ok(_) => Ok(Redirect::to(&format!("/console/jobs/{id}")).into_response()),
        Err(status) => page(&console, &desk, id.into(), complaint(status)?).await,
    }
}

/// `GET /console/jobs/{id}/report`: whom it could not be done to, as a file.
pub async fn report(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id: JobId = id.parse().map_err(|_| Problem::not_found())?;
    file(id, |after| {
        let mut jobs = console.jobs.clone();
        let request = desk.ask(ReadJobReportRequest { id: id.into(), after });
        async move { Ok(jobs.read_job_report(request).await?.into_inner()) }
    })
    .await
}

/// The report `name`, of which `piece` gives the one behind what the piece before said.
pub async fn file<F: Future<Output = Result<JobReportPiece, Problem>>>(
    name: impl Display,
    piece: impl Fn(String) -> F,
) -> Result<Response, Problem> {
    let (mut lines, mut after) = (Vec::new(), String::new());
    loop {
        let JobReportPiece { data, next } = piece(after).await?;
        lines.extend_from_slice(&data);
        after = next;
        if after.is_empty() {
            break;
        }
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    Ok((headers, lines).into_response())
}
