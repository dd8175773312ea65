//! Lists as files (EX-1 to EX-3).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::customers::v1::{self as pb, GetExportRequest, ListExportsRequest, RequestExportRequest};
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

use super::jobs::Progress;
use crate::{
    answer::Answer,
    caller::Caller,
    doc::filters::CUSTOMER_TREE,
    peers::Peers,
    problem::Problem,
    request::{body::Body, filter, params::NoParams, patch::as_given},
    router::Gateway,
    shape::{List, text, time},
};

/// The routes about exports.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_exports, create_export)).routes(routes!(get_export))
}

/// A list as a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "exp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d51", "type": "customers", "format": "csv", "state": "succeeded",
    "progress": {"done": 1042, "total": 1042},
    "result_url": "/files/exports/exp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d51?expires=1772453700&signature=4a…",
    "failure": null, "columns": ["id", "email"], "masked": false, "created_at": "2026-03-02T12:00:00Z",
    "ended_at": "2026-03-02T12:00:04Z", "expires_at": "2026-03-03T12:00:04Z",
}))]
pub struct Export {
    /// `exp_…`.
    pub id: String,
    /// `customers`, `leads`, `orders`, `transactions`, `subscriptions` or `open_carts`.
    pub r#type: String,
    /// `csv`, `xlsx` or `html`.
    pub format: String,
    /// `queued`, `running`, `succeeded` or `failed`.
    pub state: String,
    /// How many rows of how many are written.
    pub progress: Progress,
    /// Where the file is, below the address of this API: for a quarter of an hour, to whoever has the link. Ask again for
    /// another one.
    pub result_url: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Whether personal fields are masked in it.
    pub masked: bool,
    /// When it was asked for.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was done, or given up.
    pub ended_at: Option<DateTime<Utc>>,
    /// When the file is removed.
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<pb::Export> for Export {
    fn from(export: pb::Export) -> Self {
        Self {
            id: export.id,
            r#type: export.r#type,
            format: export.format,
            state: export.state,
            progress: Progress { done: export.done, total: export.total },
            result_url: text(export.link),
            failure: text(export.failure),
            columns: export.columns,
            masked: export.masked,
            created_at: time(export.created_at),
            ended_at: time(export.ended_at),
            expires_at: time(export.expires_at),
        }
    }
}

/// Names of columns, each once. Which there are depends on the list.
fn columns() -> Array {
    let kinds = SchemaType::from_iter([Type::Array, Type::Null]);
    let name = ObjectBuilder::new().schema_type(Type::String);
    ArrayBuilder::new().schema_type(kinds).items(name).unique_items(true).build()
}

/// A file to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "type": "customers", "format": "csv", "filter": {"field": "at_risk", "op": "eq", "value": 90},
    "columns": ["id", "email", "total_spent"],
}))]
pub struct NewExport {
    /// `customers`, leads among them unless a filter says otherwise, `leads`, `orders`, `transactions`, `subscriptions` or
    /// `open_carts`.
    pub r#type: String,
    /// `csv`, `xlsx` or `html`.
    #[schema(pattern = "^(csv|xlsx|html)$")]
    pub format: String,
    /// What must hold, as the list itself takes it.
    #[serde(default, deserialize_with = "as_given")]
    #[schema(schema_with = filter_tree)]
    pub filter: Option<Value>,
    /// A segment that customers or leads must be of.
    #[serde(default)]
    #[schema(pattern = "^seg_[0-9a-f]{32}$", example = "seg_01939b7e5d3c7a2c9d2f1e0b7c6a5d50")]
    pub segment: Option<String>,
    /// Default search, by part of a word; it needs a letter or a digit.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub q: Option<String>,
    /// Records made, or orders placed, at this moment or later.
    #[serde(default)]
    #[schema(format = "date-time")]
    pub from: Option<String>,
    /// Records made, or orders placed, before this moment.
    #[serde(default)]
    #[schema(format = "date-time")]
    pub to: Option<String>,
    /// Columns in their order, each once; the usual ones without any.
    #[serde(default)]
    #[schema(schema_with = columns)]
    pub columns: Option<Vec<String>>,
}

/// The tree, which is described where all filters are.
fn filter_tree() -> Ref {
    Ref::from_schema_name(CUSTOMER_TREE)
}

/// Your exports
///
/// Those you asked for yourself, of lists that you may see, newest first; at most 25.
#[utoipa::path(
    get, path = "/admin/v1/exports", tag = "Exports", responses((status = 200, body = List<Export>)),
    extensions(("x-permission" = json!([Permission::ExportsCreate.slug()])))
)]
async fn list_exports(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<Export>>, Problem> {
    let found = peers.exports().list_exports(caller.ask(ListExportsRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.exports)))
}

/// An export
///
/// How far it is, and a link to the file once it is written. Shown to whoever asked for it.
#[utoipa::path(
    get, path = "/admin/v1/exports/{id}", tag = "Exports",
    params(("id" = String, Path, description = "`exp_…`", example = "exp_customers_01939b7e5d3c7a2c9d2f1e0b7c6a5d51")),
    responses((status = 200, body = Export), (status = 404, description = "`export_not_found`: there is no such export.")),
    extensions(("x-permission" = json!([Permission::ExportsCreate.slug()])))
)]
async fn get_export(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Export>, Problem> {
    Ok(Answer::of(peers.exports().get_export(caller.ask(GetExportRequest { id })).await?))
}

/// Export a list
///
/// The rows that the list would show, newest first, as a file that is written behind the request: see `Location` for how
/// far it is. It needs `exports.create` and whatever the list itself needs: `customers.read` for customers and leads,
/// `orders.read` for orders, transactions and subscriptions, `carts.read` for open carts. Without `customers.pii` personal
/// fields come masked. Amounts are decimals such as 19.99; their currency has a column of its own. The file is removed
/// after a day.
#[utoipa::path(
    post, path = "/admin/v1/exports", tag = "Exports", request_body = NewExport,
    params(("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer.",
        example = "7f8d0e1c-export-7")),
    responses(
        (status = 202, body = Export, description = "It waits to be written."),
        (status = 403, description = "`pii_required`: filtering by personal fields needs customers.pii."),
        (status = 404, description = "`segment_not_found`: there is no such segment."),
        (status = 422, description = "`too_many_exports`: ten are being written already.")
    ),
    extensions(("x-permission" = json!([Permission::ExportsCreate.slug(), Permission::CustomersRead.slug()])))
)]
async fn create_export(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(wanted): Body<NewExport>,
) -> Result<Answer<Export>, Problem> {
    let request = RequestExportRequest {
        r#type: wanted.r#type,
        format: wanted.format,
        filter: wanted.filter.map(|tree| filter::tree(&tree, "/filter")).transpose()?,
        segment: wanted.segment.unwrap_or_default(),
        query: wanted.q.unwrap_or_default(),
        from: wanted.from.unwrap_or_default(),
        to: wanted.to.unwrap_or_default(),
        columns: wanted.columns.unwrap_or_default(),
    };
    let export = Answer::<Export>::of(peers.exports().request_export(caller.ask(request)).await?);
    let location = format!("/admin/v1/exports/{}", export.body.id);
    Ok(export.created(location).status(StatusCode::ACCEPTED))
}
