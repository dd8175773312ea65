//! Who works for the store or network: members and those who are invited (ID-20, ID-21).
use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::identity::v1::{self as pb, ChangeMemberRequest, GetMemberRequest, ListMembersRequest, RemoveMemberRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{List, time},
};

/// The routes about members.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_members)).routes(routes!(get_member, change_member, remove_member))
}

/// Somebody who works for the store or network.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "name": "Olive Owner", "email": "owner@example.com",
    "place": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "role": "owner", "role_name": "Owner",
    "permissions": ["customers.read", "customers.pii"], "has_factor": true, "since": "2026-03-02T12:00:00Z",
    "seen_at": "2026-03-02T12:30:00Z",
}))]
pub struct Member {
    /// `stf_…`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// E-mail address they sign in with.
    pub email: String,
    /// Where they are a member: `sto_…`, or the `net_…` of the store's network.
    pub place: String,
    /// `owner`, `administrator`, `customer_service`, `sales_agent`, `moderator`, or `role_…`.
    pub role: String,
    /// Display name of the role.
    pub role_name: String,
    /// Names of what they may do here.
    pub permissions: Vec<String>,
    /// Whether they have a second factor.
    pub has_factor: bool,
    /// Since when they are a member.
    pub since: Option<DateTime<Utc>>,
    /// When a session of theirs was last used; `null` when none is open.
    pub seen_at: Option<DateTime<Utc>>,
}

impl From<pb::Member> for Member {
    fn from(member: pb::Member) -> Self {
        Self {
            id: member.staff,
            name: member.name,
            email: member.email,
            place: member.place,
            role: member.role,
            role_name: member.role_name,
            permissions: member.permissions,
            has_factor: member.has_factor,
            since: time(member.since),
            seen_at: time(member.seen_at),
        }
    }
}

/// Another role for a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "sales_agent"}))]
pub struct MemberChange {
    /// `owner`, `administrator`, `customer_service`, `sales_agent`, `moderator`, or `role_…`.
    #[schema(pattern = "^(owner|administrator|customer_service|sales_agent|moderator|role_[0-9a-f]{32})$")]
    pub role: String,
}

/// Staff
///
/// The members of the store, those of its network included; or of the network. Oldest first.
#[utoipa::path(
    get, path = "/admin/v1/staff", tag = "Staff", responses((status = 200, body = List<Member>)),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn list_members(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<Member>>, Problem> {
    let found = peers.members().list_members(caller.ask(ListMembersRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.members)))
}

/// A member of the staff
#[utoipa::path(
    get, path = "/admin/v1/staff/{id}", tag = "Staff",
    params(("id" = String, Path, description = "`stf_…`", example = "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a")),
    responses((status = 200, body = Member), (status = 404, description = "`member_not_found`: there is no such member here.")),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn get_member(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(staff): Path<String>,
) -> Result<Answer<Member>, Problem> {
    Ok(Answer::of(peers.members().get_member(caller.ask(GetMemberRequest { staff })).await?))
}

/// Give a member another role
///
/// At once, everywhere. Nobody gives or takes what they lack, owners are a matter of owners, and one always stays.
#[utoipa::path(
    patch, path = "/admin/v1/staff/{id}", tag = "Staff",
    params(("id" = String, Path, description = "`stf_…`", example = "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a")),
    request_body = MemberChange,
    responses(
        (status = 200, body = Member),
        (status = 403, description = "`step_up_required`: prove first who you are. | `owners_only`: only an owner can do this. | `wrong_caller`: keys look after no staff."),
        (status = 404, description = "`member_not_found`: there is no such member here. | `role_not_found`: there is no such role."),
        (status = 409, description = "`last_owner`: make somebody else an owner first.")
    ),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn change_member(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(staff): Path<String>,
    Body(MemberChange { role }): Body<MemberChange>,
) -> Result<Answer<Member>, Problem> {
    Ok(Answer::of(peers.members().change_member(caller.ask(ChangeMemberRequest { staff, role })).await?))
}

/// Remove a member
///
/// At once, everywhere.
#[utoipa::path(
    delete, path = "/admin/v1/staff/{id}", tag = "Staff",
    params(("id" = String, Path, description = "`stf_…`", example = "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a")),
    responses(
        (status = 204, description = "They work here no longer."),
        (status = 403, description = "`step_up_required`: prove first who you are. | `owners_only`: only an owner can do this. | `wrong_caller`: keys look after no staff."),
        (status = 404, description = "`member_not_found`: there is no such member here."),
        (status = 409, description = "`last_owner`: make somebody else an owner first.")
    ),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn remove_member(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(staff): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.members().remove_member(caller.ask(RemoveMemberRequest { staff })).await?;
    Ok(StatusCode::NO_CONTENT)
}
