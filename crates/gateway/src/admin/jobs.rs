//! Work that takes longer than a request.
use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use kit::permission::Permission;
use proto::customers::v1::{self as pb, GetJobRequest};
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
    OpenApiRouter::new().routes(routes!(get_job))
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
    "customer": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "progress": {"done": 1, "total": 5}, "result_url": null,
    "failure": null, "created_by": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "created_at": "2026-03-02T12:00:00Z",
    "updated_at": "2026-03-02T12:00:01Z", "ended_at": null,
    "steps": [{"service": "orders", "counts": {"orders": 3}, "at": "2026-03-02T12:00:01Z"}],
}))]
pub struct Job {
    /// `job_…`.
    pub id: String,
    /// What is done, such as `merge` or `erasure`.
    pub kind: String,
    /// `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    pub state: String,
    /// Whom it concerns, `cus_…`, when it is about one person.
    pub customer: Option<String>,
    /// How far it is.
    pub progress: Progress,
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
        Self {
            id: job.id,
            kind: job.kind,
            state: job.state,
            customer: text(job.customer),
            progress: Progress { done: job.done, total: job.total },
            result_url: None,
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
