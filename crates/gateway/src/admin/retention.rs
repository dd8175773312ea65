//! Who stays, who goes silent, who comes back (CU-17).
use std::sync::Arc;

use axum::extract::State;
use kit::permission::Permission;
use proto::customers::v1::{self as pb, GetRetentionRequest};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer, caller::Caller, peers::Peers, problem::Problem, request::params::NoParams, router::Gateway,
};

/// The route about retention.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(get_retention))
}

/// Numbers of customers, each `10000+` beyond that.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "buyers": "1042", "active": "400", "cooling": "300", "silent": "342", "repeat": "512",
    "cohorts": [{"month": "2026-02", "customers": 120, "sampled": false, "returned": [37]}],
}))]
pub struct Retention {
    /// Who bought at least once.
    pub buyers: String,
    /// Of these, who gave a sign of life in the last 30 days …
    pub active: String,
    /// … or in the 60 days before …
    pub cooling: String,
    /// … or not for 90 days: who is at risk.
    pub silent: String,
    /// Who bought at least twice.
    pub repeat: String,
    /// Those who bought for the first time in one of the last twelve months, the oldest first.
    pub cohorts: Vec<Cohort>,
}

/// Those who bought for the first time in one month.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cohort {
    /// The month in UTC, such as `2026-03`.
    pub month: String,
    /// How many they are; 2 000 stand for all when they are more.
    pub customers: i64,
    /// Whether they are more.
    pub sampled: bool,
    /// Of these, how many bought one month later, two months later, and so on until this month.
    pub returned: Vec<i64>,
}

impl From<pb::Retention> for Retention {
    fn from(figures: pb::Retention) -> Self {
        let cohort = |cohort: pb::Cohort| Cohort {
            month: cohort.month,
            customers: cohort.customers,
            sampled: cohort.sampled,
            returned: cohort.returned,
        };
        Self {
            buyers: figures.buyers,
            active: figures.active,
            cooling: figures.cooling,
            silent: figures.silent,
            repeat: figures.repeat,
            cohorts: figures.cohorts.into_iter().map(cohort).collect(),
        }
    }
}

/// Retention
///
/// Who stays, who goes silent and who comes back, as numbers; told again for a minute. To see who they are, filter the
/// list: `filter[at_risk][eq]=90`, `filter[repeat][eq]=true`, `sort=-total_spent`.
#[utoipa::path(
    get, path = "/admin/v1/customers/retention", tag = "Customers", responses((status = 200, body = Retention)),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn get_retention(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<Retention>, Problem> {
    Ok(Answer::of(peers.retention().get_retention(caller.ask(GetRetentionRequest {})).await?))
}
