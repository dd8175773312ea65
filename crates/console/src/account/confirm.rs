//! Proving anew who one is, before something dangerous (ID-20).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Query, State},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use kit::failure::Told;
use proto::identity::v1::{GetFactorRequest, StepUpRequest};
use serde::Deserialize;

use crate::{
    console::Console,
    entrance::{refusal, session_cookie},
    frame::Frame,
    guard,
    problem::Problem,
    visit::SignedIn,
};

/// Where to go on.
#[derive(Deserialize)]
pub struct Arrival {
    #[serde(default)]
    next: String,
}

/// What was typed.
#[derive(Deserialize)]
pub struct Proof {
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "account/confirm.html")]
struct Page {
    frame: Frame,
    next: String,
    has_factor: bool,
    failure: String,
}

async fn page(console: &Console, desk: &SignedIn, next: String, failure: String) -> Result<Page, Problem> {
    let factor = console.factors.clone().get_factor(desk.ask(GetFactorRequest {})).await?.into_inner();
    Ok(Page { frame: Frame::of(&desk.visit), next, has_factor: factor.enrolled, failure })
}

/// `GET /console/account/confirm`.
pub async fn ask(
    State(console): State<Console>,
    desk: SignedIn,
    Query(Arrival { next }): Query<Arrival>,
) -> Result<Response, Problem> {
    Ok(page(&console, &desk, next, String::new()).await?.into_response())
}

/// `POST /console/account/confirm`.
pub async fn prove(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Proof { code, password, next }): Form<Proof>,
) -> Result<Response, Problem> {
    // A cookie that somebody else knows is of no use to them after this.
    let request = StepUpRequest { code, password, renew: true };
    match console.own_sessions.clone().step_up(desk.ask(request)).await {
        Ok(proven) => {
            if let Some(session) = &desk.session.actor.session {
                console.sessions.forget(session.clone());
            }
            let proven = proven.into_inner();
            let cookie = session_cookie(&console, &proven.token, proven.expires_at.as_ref());
            Ok((AppendHeaders([cookie]), Redirect::to(guard::own_page(&next))).into_response())
        }
        Err(status) => {
            let (code, failure) =
                refusal(Told::read(&status), "That is not right. A code works once: use the newest.")?;
            Ok((code, page(&console, &desk, next, failure).await?).into_response())
        }
    }
}
