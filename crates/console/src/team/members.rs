//! Staff and invitations (ID-21).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::identity::v1::{
    ChangeMemberRequest, CreateInvitationRequest, Invitation, ListInvitationsRequest, ListMembersRequest,
    ListRolesRequest, Member, RemoveMemberRequest, RevokeInvitationRequest, Role,
};
use serde::Deserialize;

use super::complaint;
use crate::{console::Console, frame::Frame, problem::Problem, show::Moment, visit::SignedIn};

struct Row {
    member: Member,
    /// Whether this page changes them: it does not change those of the network, nor oneself.
    is_here: bool,
    since: Option<Moment>,
}

struct Guest {
    invitation: Invitation,
    until: Option<Moment>,
}

#[derive(Template, WebTemplate)]
#[template(path = "team/members.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    guests: Vec<Guest>,
    roles: Vec<Role>,
    failure: String,
}

/// A member and what to do with them.
#[derive(Deserialize)]
pub struct Change {
    staff: String,
    #[serde(default)]
    role: String,
}

/// Whom to invite.
#[derive(Deserialize)]
pub struct Guesting {
    email: String,
    role: String,
}

/// An invitation.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

async fn page(console: &Console, desk: &SignedIn, failure: String) -> Result<Page, Problem> {
    let members = console.members.clone().list_members(desk.ask(ListMembersRequest {})).await?.into_inner().members;
    let waiting = console.invitations.clone().list_invitations(desk.ask(ListInvitationsRequest {})).await?;
    let roles = console.roles.clone().list_roles(desk.ask(ListRolesRequest {})).await?.into_inner().roles;
    let (zone, actor) = (desk.session.zone, &desk.session.actor);
    let own = actor.store.map(String::from).or_else(|| actor.network.clone()).unwrap_or_default();
    let rows = members.into_iter().map(|member| Row {
        is_here: member.place == own,
        since: Moment::new(member.since.as_ref(), zone),
        member,
    });
    let guests = waiting
        .into_inner()
        .invitations
        .into_iter()
        .map(|invitation| Guest { until: Moment::new(invitation.expires_at.as_ref(), zone), invitation });
    let (rows, guests) = (rows.collect(), guests.collect());
    Ok(Page { frame: Frame::of(&desk.visit), rows, guests, roles, failure })
}

/// Back to the list, or the list with what was wrong.
async fn settle<T>(
    console: &Console,
    desk: &SignedIn,
    done: Result<tonic::Response<T>, tonic::Status>,
) -> Result<Response, Problem> {
    match done {
        Ok(_) => Ok(Redirect::to("/console/team").into_response()),
        Err(status) => Ok(page(console, desk, complaint(status)?).await?.into_response()),
    }
}

/// `GET /console/team`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    Ok(page(&console, &desk, String::new()).await?.into_response())
}

/// `POST /console/team/change`.
pub async fn change(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Change { staff, role }): Form<Change>,
) -> Result<Response, Problem> {
    let done = console.members.clone().change_member(desk.ask(ChangeMemberRequest { staff, role })).await;
    settle(&console, &desk, done).await
}

/// `POST /console/team/remove`.
pub async fn remove(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Change { staff, .. }): Form<Change>,
) -> Result<Response, Problem> {
    let done = console.members.clone().remove_member(desk.ask(RemoveMemberRequest { staff })).await;
    settle(&console, &desk, done).await
}

/// `POST /console/team/invite`.
pub async fn invite(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Guesting { email, role }): Form<Guesting>,
) -> Result<Response, Problem> {
    let request = CreateInvitationRequest { email, role, place: String::new() };
    let done = console.invitations.clone().create_invitation(desk.ask(request)).await;
    settle(&console, &desk, done).await
}

/// `POST /console/team/take-back`.
pub async fn take_back(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Which { id }): Form<Which>,
) -> Result<Response, Problem> {
    let done = console.invitations.clone().revoke_invitation(desk.ask(RevokeInvitationRequest { id })).await;
    settle(&console, &desk, done).await
}
