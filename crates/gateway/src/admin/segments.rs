//! Saved filters (CU-6).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::customers::v1::{
    self as pb, ChangeSegmentRequest, CreateSegmentRequest, DeleteSegmentRequest, GetSegmentRequest,
    ListSegmentsRequest,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{ToSchema, openapi::Ref};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::{Answer, Versioned},
    caller::Caller,
    doc::filters::SEGMENT_TREE,
    peers::Peers,
    problem::Problem,
    request::{body::Body, filter, params::NoParams, patch::as_given},
    router::Gateway,
    shape::{List, text, time},
};

/// The routes about segments.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_segments, create_segment)).routes(routes!(
        get_segment,
        change_segment,
        delete_segment
    ))
}

/// A filter with a name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "seg_01939b7e5d3c7a2c9d2f1e0b7c6a5d50", "name": "Silent buyers",
    "filter": {"field": "at_risk", "op": "eq", "value": 90}, "personal": false, "store": null, "version": 1,
    "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z", "redacted": [],
}))]
pub struct Segment {
    /// `seg_…`.
    pub id: String,
    /// Its name, unique in its place.
    pub name: String,
    /// What must hold; `null` where it asks for personal fields and the caller may not see such.
    pub filter: Option<Value>,
    /// Whether it asks for personal fields: using it takes `customers.pii`.
    pub personal: bool,
    /// The store of a network it belongs to, `sto_…`; `null` when it belongs to the whole customer base.
    pub store: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// Names of the fields that are left out in this answer.
    pub redacted: Vec<String>,
}

impl Versioned for Segment {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<pb::Segment> for Segment {
    fn from(segment: pb::Segment) -> Self {
        Self {
            id: segment.id,
            name: segment.name,
            filter: segment.filter.as_ref().map(filter::written),
            personal: segment.personal,
            store: text(segment.store),
            version: segment.version,
            created_at: time(segment.created_at),
            updated_at: time(segment.updated_at),
            redacted: segment.redacted,
        }
    }
}

/// A segment to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Silent buyers", "filter": {"field": "at_risk", "op": "eq", "value": 90}}))]
pub struct NewSegment {
    /// Its name, 1 to 100 characters, unique in its place.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: String,
    /// What must hold; it names no segment.
    #[schema(schema_with = filter_tree)]
    pub filter: Value,
}

/// Changes to a segment; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"name": "Silent for long"}))]
pub struct SegmentChanges {
    /// Its name.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub name: Option<String>,
    /// What must hold; it names no segment.
    #[serde(deserialize_with = "as_given")]
    #[schema(schema_with = filter_tree)]
    pub filter: Option<Value>,
}

/// The tree, which is described where all filters are.
fn filter_tree() -> Ref {
    Ref::from_schema_name(SEGMENT_TREE)
}

/// Segments
///
/// Saved filters of this place, and of its network, by name.
#[utoipa::path(
    get, path = "/admin/v1/segments", tag = "Customers", responses((status = 200, body = List<Segment>)),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn list_segments(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<Segment>>, Problem> {
    let found = peers.segments().list_segments(caller.ask(ListSegmentsRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.segments)))
}

/// A segment
#[utoipa::path(
    get, path = "/admin/v1/segments/{id}", tag = "Customers",
    params(("id" = String, Path, description = "`seg_…`", example = "seg_01939b7e5d3c7a2c9d2f1e0b7c6a5d50")),
    responses((status = 200, body = Segment), (status = 404, description = "`segment_not_found`: there is no such segment.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug()])))
)]
async fn get_segment(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Segment>, Problem> {
    let segment = peers.segments().get_segment(caller.ask(GetSegmentRequest { id })).await?;
    Ok(Answer::<Segment>::of(segment).tagged())
}

/// Save a filter as a segment
///
/// Lists, searches and exports then take it as `filter[segment][eq]=seg_…`.
#[utoipa::path(
    post, path = "/admin/v1/segments", tag = "Customers", request_body = NewSegment,
    responses(
        (status = 201, body = Segment),
        (status = 403, description = "`pii_required`: filtering by personal fields needs customers.pii."),
        (status = 409, description = "`segment_name_taken`: another segment has this name."),
        (status = 422, description = "`too_many_segments`: there are 200 segments already.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn create_segment(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(NewSegment { name, filter }): Body<NewSegment>,
) -> Result<Answer<Segment>, Problem> {
    let filter = Some(filter::tree(&filter, "/filter")?);
    let segment = peers.segments().create_segment(caller.ask(CreateSegmentRequest { name, filter })).await?;
    Ok(Answer::<Segment>::of(segment).tagged().status(StatusCode::CREATED))
}

/// Change a segment
#[utoipa::path(
    patch, path = "/admin/v1/segments/{id}", tag = "Customers",
    params(("id" = String, Path, description = "`seg_…`", example = "seg_01939b7e5d3c7a2c9d2f1e0b7c6a5d50")),
    request_body = SegmentChanges,
    responses(
        (status = 200, body = Segment),
        (status = 403, description = "`pii_required`: filtering by personal fields needs customers.pii. | `network_membership_required`: this belongs to the whole network."),
        (status = 404, description = "`segment_not_found`: there is no such segment."),
        (status = 409, description = "`segment_name_taken`: another segment has this name."),
        (status = 412, description = "`stale_version`: the segment was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn change_segment(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(SegmentChanges { name, filter }): Body<SegmentChanges>,
) -> Result<Answer<Segment>, Problem> {
    let filter = filter.map(|tree| filter::tree(&tree, "/filter")).transpose()?;
    let segment = peers.segments().change_segment(caller.ask(ChangeSegmentRequest { id, name, filter })).await?;
    Ok(Answer::<Segment>::of(segment).tagged())
}

/// Drop a segment
///
/// Exports that were made of it stay as they are.
#[utoipa::path(
    delete, path = "/admin/v1/segments/{id}", tag = "Customers",
    params(("id" = String, Path, description = "`seg_…`", example = "seg_01939b7e5d3c7a2c9d2f1e0b7c6a5d50")),
    responses(
        (status = 204, description = "The segment is gone."),
        (status = 403, description = "`pii_required`: this segment asks for personal fields. | `network_membership_required`: this belongs to the whole network."),
        (status = 404, description = "`segment_not_found`: there is no such segment."),
        (status = 412, description = "`stale_version`: the segment was changed in the meantime.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersWrite.slug()])))
)]
async fn delete_segment(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.segments().delete_segment(caller.ask(DeleteSegmentRequest { id })).await?;
    Ok(StatusCode::NO_CONTENT)
}
