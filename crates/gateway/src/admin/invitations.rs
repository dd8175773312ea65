//! Invitations to work for the store or network (ID-20, ID-21).
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::{DateTime, Utc};
use http::StatusCode;
use kit::permission::Permission;
use proto::identity::v1::{
    self as pb, AcceptInvitationRequest, CreateInvitationRequest, ListInvitationsRequest, PreviewInvitationRequest,
    RevokeInvitationRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::sessions::{FactorAsked, Session, outcome};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::NoParams},
    router::Gateway,
    shape::{List, time},
};

/// The routes about invitations.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_invitations, create_invitation)).routes(routes!(revoke_invitation))
}

/// The routes for those who are invited.
pub fn sign_in_routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(preview_invitation)).routes(routes!(accept_invitation))
}

/// An invitation that waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "inv_01939b7e5d3c7a2c9d2f1e0b7c6a5d4d", "place": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40",
    "email": "nina@example.com", "role": "sales_agent", "role_name": "Sales agent",
    "invited_by": "stf_01939b7e5d3c7a2c9d2f1e0b7c6a5d4a", "created_at": "2026-03-02T12:00:00Z",
    "expires_at": "2026-03-05T12:00:00Z",
}))]
pub struct Invitation {
    /// `inv_…`.
    pub id: String,
    /// `sto_…` or `net_…`.
    pub place: String,
    /// Who is invited.
    pub email: String,
    /// `owner`, `administrator`, `customer_service`, `sales_agent`, `moderator`, or `role_…`.
    pub role: String,
    /// Display name of the role.
    pub role_name: String,
    /// Who invited.
    pub invited_by: String,
    /// When.
    pub created_at: Option<DateTime<Utc>>,
    /// When the link ends.
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<pb::Invitation> for Invitation {
    fn from(invitation: pb::Invitation) -> Self {
        Self {
            id: invitation.id,
            place: invitation.place,
            email: invitation.email,
            role: invitation.role,
            role_name: invitation.role_name,
            invited_by: invitation.invited_by,
            created_at: time(invitation.created_at),
            expires_at: time(invitation.expires_at),
        }
    }
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "nina@example.com", "role": "sales_agent"}))]
pub struct NewInvitation {
    /// E-mail address.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    /// `owner`, `administrator`, `customer_service`, `sales_agent`, `moderator`, or `role_…`.
    #[schema(pattern = "^(owner|administrator|customer_service|sales_agent|moderator|role_[0-9a-f]{32})$")]
    pub role: String,
}

/// The token of a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "invitation_Yk9vX0pKc2VjcmV0"}))]
pub struct Link {
    /// What stands behind `token=`.
    pub token: String,
}

/// What a link leads to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "email": "nina@example.com", "place_name": "Corner Shop", "role_name": "Sales agent", "has_account": false,
    "shortest_password": 8,
}))]
pub struct Preview {
    /// Who is invited.
    pub email: String,
    /// Name of the store or network.
    pub place_name: String,
    /// Name of the role.
    pub role_name: String,
    /// Whether they sign in here already, and give the password they have.
    pub has_account: bool,
    /// Fewest characters of a new password.
    pub shortest_password: u32,
}

/// Takes up an invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "token": "invitation_Yk9vX0pKc2VjcmV0", "name": "Nina New", "password": "a long enough password",
}))]
pub struct Acceptance {
    /// The token of the link.
    pub token: String,
    /// Display name, of somebody new.
    #[serde(default)]
    pub name: Option<String>,
    /// The password to be, or that of somebody who signs in here already.
    pub password: String,
}

/// Invitations
///
/// Those that wait, oldest first.
#[utoipa::path(
    get, path = "/admin/v1/invitations", tag = "Staff", responses((status = 200, body = List<Invitation>)),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn list_invitations(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
) -> Result<Answer<List<Invitation>>, Problem> {
    let found = peers.invitations().list_invitations(caller.ask(ListInvitationsRequest {})).await?;
    Ok(Answer::mapped(found, |found| List::whole(found.invitations)))
}

/// Invite somebody
///
/// By mail, with a link that is good for three days and once. An invitation of the same address is replaced.
#[utoipa::path(
    post, path = "/admin/v1/invitations", tag = "Staff", request_body = NewInvitation,
    responses(
        (status = 201, body = Invitation),
        (status = 403, description = "`step_up_required`: prove first who you are. | `owners_only`: only an owner can do this. | `wrong_caller`: keys look after no staff."),
        (status = 404, description = "`role_not_found`: there is no such role."),
        (status = 409, description = "`already_member`: this person works here already.")
    ),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn create_invitation(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(NewInvitation { email, role }): Body<NewInvitation>,
) -> Result<Answer<Invitation>, Problem> {
    let request = CreateInvitationRequest { email, role, place: String::new() };
    let invitation = peers.invitations().create_invitation(caller.ask(request)).await?;
    Ok(Answer::of(invitation).status(StatusCode::CREATED))
}

/// Take an invitation back
#[utoipa::path(
    delete, path = "/admin/v1/invitations/{id}", tag = "Staff",
    params(("id" = String, Path, description = "`inv_…`", example = "inv_01939b7e5d3c7a2c9d2f1e0b7c6a5d4d")),
    responses(
        (status = 204, description = "The link leads nowhere any longer."),
        (status = 404, description = "`invitation_not_found`: there is no such invitation.")
    ),
    extensions(("x-permission" = json!([Permission::StaffWrite.slug()])))
)]
async fn revoke_invitation(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    peers.invitations().revoke_invitation(caller.ask(RevokeInvitationRequest { id })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Look at an invitation
///
/// What the link leads to; changes nothing.
#[utoipa::path(
    post, path = "/admin/v1/invitations/preview", tag = "Staff", request_body = Link,
    responses((status = 200, body = Preview), (status = 401, description = "`bad_invitation`: please ask for a new one.")),
    extensions(("x-permission" = json!([])))
)]
async fn preview_invitation(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(Link { token }): Body<Link>,
) -> Result<Answer<Preview>, Problem> {
    let preview = peers.invitations().preview_invitation(caller.ask(PreviewInvitationRequest { token })).await?;
    Ok(Answer::mapped(preview, |preview: pb::InvitationPreview| Preview {
        email: preview.email,
        place_name: preview.place_name,
        role_name: preview.role_name,
        has_account: preview.has_account,
        shortest_password: preview.shortest_password,
    }))
}

/// Take up an invitation
///
/// Then one is signed in, or asked for the second factor, as by `sessions`.
#[utoipa::path(
    post, path = "/admin/v1/invitations/accept", tag = "Staff", request_body = Acceptance,
    responses(
        (status = 201, body = Session, description = "Signed in."),
        (status = 200, body = FactorAsked, description = "A second factor is needed."),
        (status = 401, description = "`bad_invitation`: please ask for a new one. | `bad_credentials`: this is not the password."),
        (status = 409, description = "`already_member`: this person works here already."),
        (status = 429, description = "`too_many_attempts`: too many tries have failed; please wait.")
    ),
    extensions(("x-permission" = json!([])))
)]
async fn accept_invitation(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(Acceptance { token, name, password }): Body<Acceptance>,
) -> Result<Response, Problem> {
    let request = AcceptInvitationRequest { token, name: name.unwrap_or_default(), password };
    outcome(peers.invitations().accept_invitation(caller.ask(request)).await?)
}
