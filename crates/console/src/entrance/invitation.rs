//! Taking up an invitation: the link shows who is invited to what, and only a click does something (ID-20).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use kit::failure::{Code, Told};
use proto::identity::v1::{AcceptInvitationRequest, InvitationPreview, PreviewInvitationRequest};
use serde::Deserialize;

use super::sign_in::{go_on, refusal};
use crate::{console::Console, frame::Frame, problem::Problem, visit::Visit};

/// The link's token.
#[derive(Deserialize)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// What was typed.
#[derive(Deserialize)]
pub struct Acceptance {
    token: String,
    #[serde(default)]
    name: String,
    password: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "invitation.html")]
struct Page {
    frame: Frame,
    token: String,
    name: String,
    invitation: InvitationPreview,
    failure: String,
}

async fn preview(console: &Console, visit: &Visit, token: &str) -> Result<InvitationPreview, Problem> {
    let request = PreviewInvitationRequest { token: token.to_owned() };
    match console.invitations.clone().preview_invitation(visit.call(request)).await {
        Ok(invitation) => Ok(invitation.into_inner()),
        Err(status) if Told::read(&status).code == Code::Unauthenticated => {
            let detail = "This invitation was used, replaced or taken back, or it is more than three days old. Ask for a new one.";
            Err(Problem::new(StatusCode::GONE, "No longer valid", detail))
        }
        Err(status) => Err(status.into()),
    }
}

/// `GET /console/invitation`: changes nothing, whoever follows links.
pub async fn show_invitation(
    visit: Visit,
    State(console): State<Console>,
    Query(Link { token }): Query<Link>,
) -> Result<Response, Problem> {
    let invitation = preview(&console, &visit, &token).await?;
    let (name, failure) = (String::new(), String::new());
    Ok(Page { frame: Frame::nameless(&visit), token, name, invitation, failure }.into_response())
}

/// `POST /console/invitation`.
pub async fn accept_invitation(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Form(Acceptance { token, name, password }): Form<Acceptance>,
) -> Result<Response, Problem> {
    let invitation = preview(&console, &visit, &token).await?;
    let request = AcceptInvitationRequest { token: token.clone(), name: name.clone(), password };
    match console.invitations.clone().accept_invitation(visit.call(request)).await {
        Ok(answer) => go_on(&console, &visit, answer.into_inner(), (&headers, "")).await,
        Err(status) => {
            let told = Told::read(&status);
            let faults: Vec<String> = told.violations.iter().map(|fault| fault.detail.to_string()).collect();
            let words =
                if faults.is_empty() { "That is not the password.".to_owned() } else { faults.join("; ") + "." };
            let (code, failure) = refusal(told, &words)?;
            Ok((code, Page { frame: Frame::nameless(&visit), token, name, invitation, failure }).into_response())
        }
    }
}
