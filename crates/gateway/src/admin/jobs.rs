//! Work that takes longer than a request.
use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use http::{HeaderValue, header};
use kit::permission::Permission;
use proto::customers::v1::{self as pb, CancelJobRequest, GetJobRequest, JobReportPiece, ReadJobReportRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::params::NoParams,
    router::Gateway,
    shape::{text, time},
};

/// The routes about jobs.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(get_job)).routes(routes!(cancel_job)).routes(routes!(read_report))
}

/// How far a job is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Progress {
    /// How much is done …
    pub done: i64,
    /// … of how much; 0 while nobody knows.
    pub total: i64,
}

/// What one service has done of a job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobStep {
    /// Its name.
    pub service: String,
    /// How many things of each kind were seen to.
    pub counts: BTreeMap<String, i64>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// Work that takes longer than a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "job_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d48", "kind": "erasure", "state": "running",
    "customer": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "progress": {"done": 1, "total": 5}, "refused": 0, "result_url": null,
    "failure": null, "created_by": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "created_at": "2026-03-02T12:00:00Z",
    "updated_at": "2026-03-02T12:00:01Z", "ended_at": null,
    "steps": [{"service": "orders", "counts": {"orders": 3}, "at": "2026-03-02T12:00:01Z"}],
}))]
pub struct Job {
    /// `job_…`.
    pub id: String,
    /// What is done: `merge`, `erasure` or `bulk`, a change to many.
    pub kind: String,
    /// `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    pub state: String,
    /// Whom it concerns, `cus_…`, when it is about one person.
    pub customer: Option<String>,
    /// How far it is.
    pub progress: Progress,
    /// How much of what is done could not be done; the result says of whom and why.
    pub refused: i64,
    /// Where its result is to be had, when there is one.
    pub result_url: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    /// What the services have done that take part.
    pub steps: Vec<JobStep>,
    /// Who began it.
    pub created_by: String,
    /// When it was begun.
    pub created_at: Option<DateTime<Utc>>,
    /// When it changed last.
    pub updated_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl From<pb::Job> for Job {
    fn from(job: pb::Job) -> Self {
        let step = |step: pb::JobStep| JobStep {
            service: step.service,
            counts: step.counts.into_iter().collect(),
            at: time(step.at),
        };
        let result_url = job.has_report.then(|| format!("/admin/v1/jobs/{}/report", job.id));
        Self {
            id: job.id,
            kind: job.kind,
            state: job.state,
            customer: text(job.customer),
            progress: Progress { done: job.done, total: job.total },
            refused: job.refused,
            result_url,
            failure: text(job.failure),
            steps: job.steps.into_iter().map(step).collect(),
            created_by: job.created_by,
            created_at: time(job.created_at),
            updated_at: time(job.updated_at),
            ended_at: time(job.ended_at),
        }
    }
}

/// A job
///
/// Whoever began it may look at it, and staff who work in the whole customer base.
#[utoipa::path(
    get, path = "/admin/v1/jobs/{id}", tag = "Jobs",
    params(("id" = String, Path, description = "`job_…`", example = "job_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")),
    responses((status = 200, body = Job), (status = 404, description = "`job_not_found`: there is no such job.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn get_job(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Job>, Problem> {
    Ok(Answer::of(peers.jobs().get_job(caller.ask(GetJobRequest { id })).await?))
}

/// Stop a job
///
/// One that changes many customers; what was done stays done. Repeatable.
#[utoipa::path(
    post, path = "/admin/v1/jobs/{id}/cancel", tag = "Jobs",
    params(("id" = String, Path, description = "`job_…`", example = "job_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")),
    responses(
        (status = 200, body = Job),
        (status = 404, description = "`job_not_found`: there is no such job."),
        (status = 409, description = "`job_ended`: it has ended already."),
        (status = 422, description = "`job_not_cancellable`: others wait for this one; it ends by itself.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn cancel_job(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Job>, Problem> {
    Ok(Answer::of(peers.jobs().cancel_job(caller.ask(CancelJobRequest { id })).await?))
}

/// The report of a job
///
/// Of a change to many that has ended: whom it could not be done to, and why, as comma-separated values.
#[utoipa::path(
    get, path = "/admin/v1/jobs/{id}/report", tag = "Jobs",
    params(("id" = String, Path, description = "`job_…`", example = "job_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")),
    responses(
        (status = 200, description = "The report.", content((String = "text/csv", example = "customer,code\r\n"))),
        (status = 404, description = "`job_not_found`: there is no such job. | `report_not_found`: it has no report, not yet, or no longer: it is kept for 30 days.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn read_report(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let name = format!("attachment; filename=\"{id}.csv\"");
    let report = Report { peers, caller, request: ReadJobReportRequest { id, after: String::new() } };
    // Whatever is wrong is told before the file begins.
    let first = report.piece().await?;
    let rest = stream::try_unfold(Some((report, first.next)), Report::next);
    let first = stream::once(async move { Ok::<_, std::io::Error>(first.data) });
    let mut response = Body::from_stream(first.chain(rest)).into_response();
    let headers = response.headers_mut();
    for (header, value) in [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, name.as_str()),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(header, HeaderValue::try_from(value).map_err(|_| Problem::defect("a header of a file"))?);
    }
    Ok(response)
}

/// A report that is read piece by piece, however long it is.
struct Report {
    peers: Arc<Peers>,
    caller: Caller,
    request: ReadJobReportRequest,
}

impl Report {
    async fn piece(&self) -> Result<JobReportPiece, Problem> {
        Ok(self.peers.jobs().read_job_report(self.caller.ask(self.request.clone())).await?.into_inner())
    }

    /// The piece that the one before told of, if it did.
    async fn next(state: Option<(Self, String)>) -> Result<Option<(Bytes, Option<(Self, String)>)>, std::io::Error> {
        let Some((mut report, after)) = state.filter(|(_, after)| !after.is_empty()) else { return Ok(None) };
        report.request.after = after;
        let piece = report.piece().await.map_err(|_| std::io::Error::other("a report could not be read to its end"))?;
        Ok(Some((piece.data, Some((report, piece.next)))))
    }
}
