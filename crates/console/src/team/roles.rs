//! Roles as a matrix of permissions (ID-21, ID-22).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::permission::Permission;
use proto::identity::v1::{CreateRoleRequest, DeleteRoleRequest, ListRolesRequest, Role};
use serde::Deserialize;

use super::{Fields, complaint};
use crate::{console::Console, frame::Frame, problem::Problem, visit::SignedIn};

/// A permission and which of the roles give it.
struct Line {
    slug: &'static str,
    /// Whether the reader has it, and so may give it.
    own: bool,
    given: Vec<bool>,
}

#[derive(Template, WebTemplate)]
#[template(path = "team/roles.html")]
struct Page {
    frame: Frame,
    roles: Vec<Role>,
    lines: Vec<Line>,
    failure: String,
}

/// Which role.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

async fn page(console: &Console, desk: &SignedIn, failure: String) -> Result<Page, Problem> {
    let roles = console.roles.clone().list_roles(desk.ask(ListRolesRequest {})).await?.into_inner().roles;
    let line = |permission: &Permission| Line {
        slug: permission.slug(),
        own: desk.session.may(*permission),
        given: roles.iter().map(|role| role.permissions.iter().any(|slug| slug == permission.slug())).collect(),
    };
    let lines = Permission::ALL.iter().map(line).collect();
    Ok(Page { frame: Frame::of(&desk.visit), roles, lines, failure })
}

async fn settle<T>(
    console: &Console,
    desk: &SignedIn,
    done: Result<tonic::Response<T>, tonic::Status>,
) -> Result<Response, Problem> {
    match done {
        Ok(_) => Ok(Redirect::to("/console/team/roles").into_response()),
        Err(status) => Ok(page(console, desk, complaint(status)?).await?.into_response()),
    }
}

/// `GET /console/team/roles`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    Ok(page(&console, &desk, String::new()).await?.into_response())
}

/// `POST /console/team/roles`.
pub async fn make(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let request = CreateRoleRequest { name: fields.text("name"), permissions: fields.all("permission") };
    let done = console.roles.clone().create_role(desk.ask(request)).await;
    settle(&console, &desk, done).await
}

/// `POST /console/team/roles/drop`.
pub async fn drop(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Which { id }): Form<Which>,
) -> Result<Response, Problem> {
    let done = console.roles.clone().delete_role(desk.ask(DeleteRoleRequest { id })).await;
    settle(&console, &desk, done).await
}
