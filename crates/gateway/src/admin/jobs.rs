//! Work that takes longer than a request.
use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::{DateTime, Utc};
use kit::permission::Permission;
use proto::{
    customers::v1::{self as pb, CancelJobRequest, GetJobRequest, ReadJobReportRequest},
    orders::v1::{self as orders, GetRebuildRequest},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::report;
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
    /// What is done: `merge`, `erasure`, `bulk` (a change to many), `account_audit`, `account_cleanup` or `library_rebuild`.
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
        let number = job.id.rsplit('_').next().unwrap_or_default();
        let result_url = match job.kind.as_str() {
            "account_audit" => Some(format!("/admin/v1/account-audits/acau_{number}")),
            _ => job.has_report.then(|| format!("/admin/v1/jobs/{}/report", job.id)),
        };
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

impl From<orders::Rebuild> for Job {
    fn from(rebuild: orders::Rebuild) -> Self {
        let counts = BTreeMap::from([("libraries".to_owned(), rebuild.changed)]);
        let step = JobStep { service: "orders".to_owned(), counts, at: time(rebuild.updated_at) };
        Self {
            id: rebuild.id,
            kind: "library_rebuild".to_owned(),
            state: rebuild.state,
            customer: None,
            progress: Progress { done: rebuild.done, total: rebuild.total },
            refused: 0,
            result_url: None,
            failure: None,
            steps: vec![step],
            created_by: rebuild.created_by,
            created_at: time(rebuild.created_at),
            updated_at: time(rebuild.updated_at),
            ended_at: time(rebuild.ended_at),
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
    // Whose a job is, its prefix says.
    if id.starts_with("job_orders_") {
        return Ok(Answer::of(peers.libraries().get_rebuild(caller.ask(GetRebuildRequest { id })).await?));
    }
    Ok(Answer::of(peers.jobs().get_job(caller.ask(GetJobRequest { id })).await?))
}

/// Stop a job
///
/// One that changes many customers, looks accounts through or cleans them up, which takes
/// `customers.cleanup`, too; what was done stays done. Repeatable.
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
/// As comma-separated values, of a job that has ended: of a change to many, whom it could not be done to, and why; of a
/// clean-up of accounts, which takes `customers.cleanup`, too, what was found of each and what became of it.
#[utoipa::path(
    get, path = "/admin/v1/jobs/{id}/report", tag = "Jobs",
    params(("id" = String, Path, description = "`job_…`", example = "job_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d48")),
    responses(
        (status = 200, description = "The report.", content((String = "text/csv", example = "customer,code\r\n"))),
        (status = 404, description = "`job_not_found`: there is no such job. | `report_not_found`: it has no report, not yet, or no longer: it is kept for 30 days, of a clean-up for a year.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn read_report(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let name = id.clone();
    report::download(&name, move |after| {
        let (peers, request) = (Arc::clone(&peers), caller.ask_anew(ReadJobReportRequest { id: id.clone(), after }));
        async move { Ok(peers.jobs().read_job_report(request).await?.into_inner()) }
    })
    .await
}
