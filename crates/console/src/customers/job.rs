//! How far a change to many customers is, what it could not do, and stopping it (CU-8).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use kit::{ids::JobId, permission::Permission};
use proto::customers::v1::{CancelJobRequest, GetJobRequest, Job, ReadJobReportRequest};

use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, Moment, label},
    team::complaint,
    visit::SignedIn,
};

#[derive(Template, WebTemplate)]
#[template(path = "customers/job.html")]
struct Page {
    frame: Frame,
    job: Job,
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
    let page = Page {
        frame: Frame::of(&desk.visit),
        state: Badge::new(&job.state),
        done: count(job.done - job.refused),
        total: count(job.total),
        refused: count(job.refused),
        began: Moment::new(job.created_at.as_ref(), desk.session.zone),
        stops: job.ended_at.is_none() && job.kind == "bulk" && desk.session.may(Permission::CustomersWrite),
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
    let (mut lines, mut after) = (Vec::new(), String::new());
    loop {
        let request = ReadJobReportRequest { id: id.into(), after };
        let piece = console.jobs.clone().read_job_report(desk.ask(request)).await?.into_inner();
        lines.extend_from_slice(&piece.data);
        after = piece.next;
        if after.is_empty() {
            break;
        }
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.csv\"")),
    ];
    Ok((headers, lines).into_response())
}
