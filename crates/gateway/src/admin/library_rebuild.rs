//! Libraries that are made anew from the orders (OR-8).
use std::sync::Arc;

use axum::extract::{Path, State};
use kit::permission::Permission;
use proto::orders::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::jobs::Job;
use crate::{
    answer::Answer, caller::Caller, peers::Peers, problem::Problem, request::params::NoParams, router::Gateway,
};

/// The routes about rebuilding.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(rebuild_library)).routes(routes!(rebuild_libraries))
}

/// What a rebuild did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"restored": 1, "corrected": 0}))]
struct RebuiltLibrary {
    /// How much was missing and is there again.
    restored: u32,
    /// How much was wrong and is right.
    corrected: u32,
}

impl From<pb::RebuildLibraryResponse> for RebuiltLibrary {
    fn from(done: pb::RebuildLibraryResponse) -> Self {
        Self { restored: done.restored, corrected: done.corrected }
    }
}

/// Make a library anew
///
/// From the orders: what is missing is restored, what is wrong corrected; what was given stays, and what was paid back or
/// taken away stays away.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/library/rebuild", tag = "Library",
    params(("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses((status = 200, body = RebuiltLibrary), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::LibraryWrite.slug(), Permission::CustomersRead.slug()])))
)]
async fn rebuild_library(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(customer): Path<String>,
) -> Result<Answer<RebuiltLibrary>, Problem> {
    Ok(Answer::of(peers.libraries().rebuild_library(caller.ask(pb::RebuildLibraryRequest { customer })).await?))
}

/// Make all libraries anew
///
/// Those of the customer base, or what the caller's store sold; behind the request, with progress.
#[utoipa::path(
    post, path = "/admin/v1/library/rebuild", tag = "Library", responses((status = 202, body = Job)),
    extensions(("x-permission" = json!([Permission::LibraryWrite.slug()])))
)]
async fn rebuild_libraries(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Job>, Problem> {
    let job = Answer::<Job>::of(peers.libraries().begin_rebuild(caller.ask(pb::BeginRebuildRequest {})).await?);
    let location = format!("/admin/v1/jobs/{}", job.body.id);
    Ok(job.accepted(location))
}
