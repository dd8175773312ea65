//! Setting up the second factor that a place requires, before one is signed in (ID-20).
use askama::Template;
use askama_web::WebTemplate;
use axum::response::{AppendHeaders, IntoResponse, Response};
use proto::identity::v1::{BeginEnrolmentRequest, Enrolment};

use super::sign_in::keep;
use crate::{console::Console, frame::Frame, problem::Problem, show::qr, visit::Visit};

#[derive(Template, WebTemplate)]
#[template(path = "enrol.html")]
struct Page {
    frame: Frame,
    next: String,
    enrolment: Enrolment,
    picture: String,
}

/// The page with the secret of a new authenticator; its first code goes where every code of a sign-in goes.
pub async fn begin(console: &Console, visit: &Visit, challenge: String, next: &str) -> Result<Response, Problem> {
    let request = BeginEnrolmentRequest { challenge: challenge.clone() };
    let enrolment = console.factors.clone().begin_enrolment(visit.call(request)).await?.into_inner();
    let picture = qr(&enrolment.uri);
    let page = Page { frame: Frame::of(visit), next: next.to_owned(), enrolment, picture };
    Ok((AppendHeaders([keep(&challenge)]), page).into_response())
}
