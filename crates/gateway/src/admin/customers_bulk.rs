//! One change to many customers: a few at once, more as a job (CU-8).
use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use kit::permission::Permission;
use proto::customers::v1::{ChangeManyRequest, ChangeManyResponse, change_many_response::Outcome};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{
        Ref,
        schema::{Array, ArrayBuilder, ObjectBuilder, SchemaType, Type},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{customer_changes::tags, jobs::Job};
use crate::{
    answer::Answer,
    caller::Caller,
    doc::filters::CUSTOMER_TREE,
    peers::Peers,
    problem::Problem,
    request::{body::Body, filter, params::NoParams, patch::as_given},
    router::Gateway,
    shape::text,
};

/// The route.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(change_customers))
}

/// Ids of customers, each once.
fn ids() -> Array {
    let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^cus_[0-9a-f]{32}$"));
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(kinds).items(id).min_items(Some(1)).unique_items(true).build()
}

/// The filter of a customer search.
fn tree() -> Ref {
    Ref::from_schema_name(CUSTOMER_TREE)
}

/// What to do with whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ids": ["cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"], "action": "tag", "add": ["fair"]}))]
pub struct ManyChanges {
    /// 1 to 10,000 customers, each once; or else `filter`, `segment` or `q` say who it is.
    #[serde(default)]
    #[schema(schema_with = ids)]
    pub ids: Option<Vec<String>>,
    /// Which customers, as in a search; at most 100,000.
    #[serde(default, deserialize_with = "as_given")]
    #[schema(schema_with = tree)]
    pub filter: Option<Value>,
    /// A saved segment to narrow them down to.
    #[serde(default)]
    #[schema(pattern = "^seg_[0-9a-f]{32}$")]
    pub segment: Option<String>,
    /// What is searched for, as in a list.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub q: Option<String>,
    /// `tag`, `activate`, `inactivate` or `delete`.
    #[schema(pattern = "^(tag|activate|inactivate|delete)$")]
    pub action: String,
    /// Tags to add.
    #[serde(default)]
    #[schema(schema_with = tags)]
    pub add: Option<Vec<String>>,
    /// Tags to take away.
    #[serde(default)]
    #[schema(schema_with = tags)]
    pub remove: Option<Vec<String>>,
    /// Why, for the audit; needed to delete. It is kept for ever then, so it must not name anybody.
    #[serde(default)]
    #[schema(max_length = 500, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub reason: Option<String>,
    /// To delete: how many customers it concerns.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    pub confirm: Option<i64>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"results": [
    {"id": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "done": true, "code": null, "detail": null},
]}))]
pub struct ManyChanged {
    /// In the order of the request.
    pub results: Vec<OneChanged>,
}

/// What came of one of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneChanged {
    /// `cus_…`.
    pub id: String,
    /// Whether it was done.
    pub done: bool,
    /// Why not, such as `customer_not_found`.
    pub code: Option<String>,
    /// The same in a sentence.
    pub detail: Option<String>,
}

impl From<Outcome> for OneChanged {
    fn from(outcome: Outcome) -> Self {
        Self { id: outcome.id, done: outcome.error.is_empty(), code: text(outcome.error), detail: text(outcome.detail) }
    }
}

/// Change many customers at once
///
/// Up to 100 that are named are changed at once, with a result for each: what one refuses is done to the others. More of
/// them, those whom a filter, a segment or a search finds now, and deleting any are a job. Deleting is the erasure of each:
/// it needs `customers.delete`, a fresh proof, a reason, and in `confirm` how many they are.
#[utoipa::path(
    post, path = "/admin/v1/customers/bulk", tag = "Customers", request_body = ManyChanges,
    params(("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer.", example = "7f8d0e1c-bulk-1042")),
    responses(
        (status = 200, body = ManyChanged),
        (status = 202, body = Job, description = "It has begun; `Location` is where the job is."),
        (status = 403, description = "`network_membership_required`: it concerns the whole network. | `pii_required`: filtering by personal fields needs customers.pii. | `step_up_required`: prove first who you are, with the second factor. | `wrong_caller`: keys prove nothing anew."),
        (status = 404, description = "`segment_not_found`: there is no such segment."),
        (status = 422, description = "`confirmation_mismatch`: confirm with the number of customers concerned. | `too_many_customers`: it concerns more than 100,000. | `too_many_jobs`: ten jobs are waiting already.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn change_customers(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(changes): Body<ManyChanges>,
) -> Result<Response, Problem> {
    let wanted = ChangeManyRequest {
        ids: changes.ids.unwrap_or_default(),
        action: changes.action,
        add: changes.add.unwrap_or_default(),
        remove: changes.remove.unwrap_or_default(),
        reason: changes.reason.unwrap_or_default(),
        filter: changes.filter.map(|tree| filter::tree(&tree, "/filter")).transpose()?,
        segment: changes.segment.unwrap_or_default(),
        query: changes.q.unwrap_or_default(),
        confirm: changes.confirm,
    };
    let changed = Answer::<ChangeManyResponse>::of(peers.records().change_many(caller.ask(wanted)).await?);
    let Some(job) = changed.body.job.clone() else {
        let results = |changed: ChangeManyResponse| changed.outcomes.into_iter().map(Into::into).collect();
        return Ok(changed.map(|changed| ManyChanged { results: results(changed) }).into_response());
    };
    let location = format!("/admin/v1/jobs/{}", job.id);
    Ok(changed.map(|_| Job::from(job)).accepted(location).into_response())
}
