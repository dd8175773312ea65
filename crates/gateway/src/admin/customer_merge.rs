//! Making one record of two (CU-13).
use std::{collections::BTreeMap, sync::Arc};

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::customers::v1::{self as pb, MergeConflict, MergeCustomersRequest, PreviewMergeRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{customer::Customer, jobs::Job};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
};

/// The routes.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(preview_merge)).routes(routes!(merge_customers))
}

/// The record that would go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"other": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d42"}))]
pub struct MergeQuestion {
    /// `cus_…`.
    #[schema(pattern = "^cus_[0-9a-f]{32}$")]
    pub other: String,
}

/// What a merge would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergePreview {
    /// The record that stays.
    pub kept: Option<Customer>,
    /// The record that goes; its id answers as the kept one from then on.
    pub other: Option<Customer>,
    /// Fields that say something else on either side: the kept record's stays unless `keep` says otherwise.
    pub conflicts: Vec<Conflict>,
    /// How much of each kind moves.
    pub moves: BTreeMap<String, i64>,
    /// Why it cannot be done as it is.
    pub blockers: Vec<MergeBlocker>,
    /// Services that could not be asked just now: what they have moves, too.
    pub uncounted: Vec<String>,
}

/// A field that says something else on either side; masked without `customers.pii`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MergeConflict)]
pub struct Conflict {
    /// Its name.
    pub field: String,
    /// What the kept record says.
    pub this: Value,
    /// What the other one says.
    pub other: Value,
}

/// Why two records cannot be merged as they are.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergeBlocker {
    /// For programs: the code that a merge is refused with.
    pub code: String,
    /// In a sentence.
    pub detail: String,
}

impl From<MergeConflict> for Conflict {
    fn from(conflict: MergeConflict) -> Self {
        let MergeConflict { field, this, other } = conflict;
        let structured = matches!(field.as_str(), "contacts" | "meta" | "address");
        let value = |text: String| match serde_json::from_str(&text) {
            Ok(value) if structured => value,
            _ => Value::String(text),
        };
        Self { this: value(this), other: value(other), field }
    }
}

impl From<pb::MergePreview> for MergePreview {
    fn from(preview: pb::MergePreview) -> Self {
        let blocker = |blocker: pb::MergeBlocker| MergeBlocker { code: blocker.reason, detail: blocker.detail };
        Self {
            kept: preview.kept.map(Into::into),
            other: preview.other.map(Into::into),
            conflicts: preview.conflicts.into_iter().map(Into::into).collect(),
            moves: preview.moves.into_iter().collect(),
            blockers: preview.blockers.into_iter().map(blocker).collect(),
            uncounted: preview.uncounted,
        }
    }
}

/// Two records to make one of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "other": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "other_version": 3,
    "confirm": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", "reason": "Wrote from both addresses.",
    "ownership": "Answered a code sent to each address.", "keep": {"name": "other"}, "notify": true,
}))]
pub struct Merging {
    /// The record that goes, `cus_…`.
    #[schema(pattern = "^cus_[0-9a-f]{32}$")]
    pub other: String,
    /// Its version that was seen.
    #[schema(minimum = 1)]
    pub other_version: i64,
    /// Its id again, as somebody typed it.
    #[schema(pattern = "^cus_[0-9a-f]{32}$")]
    pub confirm: String,
    /// Why, for the audit.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub reason: String,
    /// How it was verified that both are the same person's, for the audit.
    #[serde(default)]
    #[schema(max_length = 500, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
    pub ownership: Option<String>,
    /// Of fields that conflict, which side is kept.
    #[serde(default)]
    pub keep: Option<Sides>,
    /// Whether the customer is told by mail.
    #[serde(default)]
    pub notify: Option<bool>,
}

/// Which side of a field is kept; `this` is the record in the path.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MergeSide)]
pub enum Side {
    /// The record that stays.
    This,
    /// The record that goes.
    Other,
}

/// Which side of which field is kept; what is not named stays as in the kept record, or is filled where that is empty.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = MergeSides)]
pub struct Sides {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fax: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Side>,
}

impl Sides {
    /// By the name of the field.
    fn named(&self) -> impl Iterator<Item = (String, String)> {
        let sides = serde_json::to_value(self).unwrap_or_default();
        let sides = if let Value::Object(sides) = sides { sides } else { serde_json::Map::new() };
        sides.into_iter().filter_map(|(field, side)| Some((field, side.as_str()?.to_owned())))
    }
}

/// What merging two customers would do
///
/// Nothing is changed.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/merge/preview", tag = "Customers", request_body = MergeQuestion,
    params(("id" = String, Path, description = "The record to keep, `cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41")),
    responses(
        (status = 200, body = MergePreview),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 409, description = "`already_merged`: these two have been merged already."),
        (status = 422, description = "`same_customer`: a record cannot be merged with itself.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersMerge.slug()])))
)]
async fn preview_merge(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(MergeQuestion { other }): Body<MergeQuestion>,
) -> Result<Answer<MergePreview>, Problem> {
    Ok(Answer::of(peers.merges().preview_merge(caller.ask(PreviewMergeRequest { id, other })).await?))
}

/// Merge a customer into another
///
/// The record in the path is kept, with all that is of the other one: orders and transactions, carts, addresses, notes,
/// tags, reviews, messages, consents, devices and logins; figures add up. The id and the e-mail address of the other one
/// stand for the kept record from then on, for ever, and its sessions end. **This cannot be undone.** Staff prove first
/// who they are. `If-Match` names the version of the kept record.
#[utoipa::path(
    post, path = "/admin/v1/customers/{id}/merge", tag = "Customers", request_body = Merging,
    params(
        ("id" = String, Path, description = "The record to keep, `cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: repeating the same request gives the stored answer.", example = "7f8d0e1c-merge-1042")
    ),
    responses(
        (status = 202, body = Job, description = "They are one record; the job tells when every service has moved what is theirs. `Location` is its address."),
        (status = 403, description = "`step_up_required`: prove first who you are."),
        (status = 404, description = "`customer_not_found`: there is no such customer."),
        (status = 409, description = "`already_merged`: these two have been merged already."),
        (status = 412, description = "`stale_version`: the record was changed in the meantime. | `stale_other_version`: the other one was."),
        (status = 422, description = "`same_customer`: a record cannot be merged with itself. | `confirmation_mismatch`: `confirm` is not the id of the other one. | `customer_inactive`: one of the two is inactive. | `too_many_tags`: both have more than 50 tags. | `too_many_addresses`: both have more than 50 addresses. | `meta_too_long`: the meta of both is too long. | `phone_signs_in`: the phone to keep does not sign in, and the one that does would go."),
        (status = 428, description = "`version_required`: send the version that you saw in `If-Match`.")
    ),
    extensions(("x-permission" = json!([Permission::CustomersMerge.slug()])))
)]
async fn merge_customers(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(merging): Body<Merging>,
) -> Result<Answer<Job>, Problem> {
    let wanted = MergeCustomersRequest {
        id,
        keep: merging.keep.as_ref().map(|sides| sides.named().collect()).unwrap_or_default(),
        other: merging.other,
        other_version: merging.other_version,
        confirm: merging.confirm,
        reason: merging.reason,
        ownership: merging.ownership.unwrap_or_default(),
        notify: merging.notify.unwrap_or_default(),
    };
    let begun = Answer::<Job>::of(peers.merges().merge_customers(caller.ask(wanted)).await?);
    let location = format!("/admin/v1/jobs/{}", begun.body.id);
    Ok(begun.created(location).status(StatusCode::ACCEPTED))
}
