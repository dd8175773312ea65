//! One change to many customers at once (CU-8).
use std::sync::Arc;

use axum::extract::State;
use kit::permission::Permission;
use proto::customers::v1::{ChangeManyRequest, change_many_response::Outcome};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{Array, ArrayBuilder, ObjectBuilder, Type},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::customer_changes::tags;
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
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
    ArrayBuilder::new().items(id).min_items(Some(1)).max_items(Some(100)).unique_items(true).build()
}

/// What to do with whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ids": ["cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"], "action": "tag", "add": ["fair"]}))]
pub struct ManyChanges {
    /// 1 to 100 customers, each once.
    #[schema(schema_with = ids)]
    pub ids: Vec<String>,
    /// `tag`, `activate` or `inactivate`.
    #[schema(pattern = "^(tag|activate|inactivate)$")]
    pub action: String,
    /// Tags to add.
    #[serde(default)]
    #[schema(schema_with = tags)]
    pub add: Option<Vec<String>>,
    /// Tags to take away.
    #[serde(default)]
    #[schema(schema_with = tags)]
    pub remove: Option<Vec<String>>,
    /// Why, for the audit.
    #[serde(default)]
    #[schema(max_length = 500, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub reason: Option<String>,
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
/// Up to 100, with a result for each: what one refuses is done to the others.
#[utoipa::path(
    post, path = "/admin/v1/customers/bulk", tag = "Customers", request_body = ManyChanges,
    params(("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer.", pattern = "^[!-~]([ -~]{0,253}[!-~])?$", example = "7f8d0e1c-bulk-1042")),
    responses(
        (status = 200, body = ManyChanged),
        (status = 403, description = "`network_membership_required`: it concerns the whole network.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn change_customers(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(changes): Body<ManyChanges>,
) -> Result<Answer<ManyChanged>, Problem> {
    let wanted = ChangeManyRequest {
        ids: changes.ids,
        action: changes.action,
        add: changes.add.unwrap_or_default(),
        remove: changes.remove.unwrap_or_default(),
        reason: changes.reason.unwrap_or_default(),
    };
    let changed = peers.records().change_many(caller.ask(wanted)).await?;
    Ok(Answer::mapped(changed, |changed| ManyChanged {
        results: changed.outcomes.into_iter().map(Into::into).collect(),
    }))
}
