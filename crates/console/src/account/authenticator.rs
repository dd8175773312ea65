//! Setting up an authenticator, in the place of the one before where there is one (ID-20).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, State},
    response::{IntoResponse, Response},
};
use kit::failure::{Code, Told};
use proto::identity::v1::{BeginEnrolmentRequest, ConfirmEnrolmentRequest, Enrolment};
use serde::Deserialize;

use crate::{console::Console, entrance::refusal, frame::Frame, problem::Problem, show::qr, visit::SignedIn};

/// The first code of a new authenticator.
#[derive(Deserialize)]
pub struct FirstCode {
    challenge: String,
    code: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "account/authenticator.html")]
struct Page {
    frame: Frame,
    /// Empty of all but its challenge once it was shown.
    enrolment: Enrolment,
    picture: String,
    failure: String,
}

/// `POST /console/account/authenticator`: a new key, which is of no effect before its first code.
pub async fn begin(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    let request = desk.ask(BeginEnrolmentRequest::default());
    let enrolment = console.factors.clone().begin_enrolment(request).await?.into_inner();
    let picture = qr(&enrolment.uri);
    Ok(Page { frame: Frame::of(&desk.visit), enrolment, picture, failure: String::new() }.into_response())
}

/// `POST /console/account/authenticator/confirm`.
pub async fn complete(
    State(console): State<Console>,
    desk: SignedIn,
    Form(FirstCode { challenge, code }): Form<FirstCode>,
) -> Result<Response, Problem> {
    let code = code.chars().filter(|c| !c.is_whitespace()).collect();
    let request = desk.ask(ConfirmEnrolmentRequest { challenge: challenge.clone(), code });
    match console.factors.clone().confirm_enrolment(request).await {
        Ok(codes) => {
            if let Some(session) = &desk.session.actor.session {
                console.sessions.forget(session.clone());
            }
            super::page::with_codes(&console, &desk, codes.into_inner().codes).await
        }
        Err(status) => {
            let told = Told::read(&status);
            if told.reason == "bad_challenge" || told.code == Code::Forbidden {
                return Err(told.into());
            }
            let (code, failure) = refusal(told, "That code is not right. Use the newest one that the new key shows.")?;
            let enrolment = Enrolment { challenge, ..Enrolment::default() };
            let page = Page { frame: Frame::of(&desk.visit), enrolment, picture: String::new(), failure };
            Ok((code, page).into_response())
        }
    }
}
