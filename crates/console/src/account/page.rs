//! The account page: open sessions and the second factor.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, State},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use proto::identity::v1::{
    EndOwnSessionRequest, EndOwnSessionsRequest, Factor, GetFactorRequest, ListOwnSessionsRequest, OwnSession,
    RenewRecoveryCodesRequest,
};
use serde::Deserialize;

use crate::{console::Console, cookies, frame::Frame, problem::Problem, show::Moment, visit::SignedIn};

/// An open session as the page shows it.
struct Row {
    id: String,
    current: bool,
    agent: String,
    ip: String,
    methods: String,
    seen: Option<Moment>,
}

#[derive(Template, WebTemplate)]
#[template(path = "account/page.html")]
struct Page {
    frame: Frame,
    factor: Factor,
    enrolled: Option<Moment>,
    sessions: Vec<Row>,
    codes: Vec<String>,
}

/// Which session.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

impl Row {
    fn new(session: OwnSession, desk: &SignedIn) -> Self {
        let methods: Vec<&str> = session.methods.iter().map(|method| words(method)).collect();
        Self {
            current: session.current,
            agent: if session.agent.is_empty() { "Unknown program".to_owned() } else { session.agent },
            ip: session.ip,
            methods: methods.join(", "),
            seen: Moment::new(session.seen_at.as_ref(), desk.session.zone),
            id: session.id,
        }
    }
}

fn words(method: &str) -> &str {
    match method {
        "otp" => "authenticator",
        "recovery" => "recovery code",
        method => method,
    }
}

async fn page(console: &Console, desk: &SignedIn, codes: Vec<String>) -> Result<Page, Problem> {
    let mut own = console.own_sessions.clone();
    let sessions = own.list_own_sessions(desk.ask(ListOwnSessionsRequest {})).await?.into_inner().sessions;
    let factor = console.factors.clone().get_factor(desk.ask(GetFactorRequest {})).await?.into_inner();
    let enrolled = Moment::new(factor.enrolled_at.as_ref(), desk.session.zone);
    let sessions = sessions.into_iter().map(|session| Row::new(session, desk)).collect();
    Ok(Page { frame: Frame::of(&desk.visit), factor, enrolled, sessions, codes })
}

/// `GET /console/account`.
pub async fn show(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    Ok(page(&console, &desk, Vec::new()).await?.into_response())
}

/// `POST /console/account/recovery-codes`: new codes, shown this once.
pub async fn renew_codes(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    let request = desk.ask(RenewRecoveryCodesRequest {});
    let codes = console.factors.clone().renew_recovery_codes(request).await?.into_inner().codes;
    with_codes(&console, &desk, codes).await
}

/// The page with recovery codes that were just made.
pub async fn with_codes(console: &Console, desk: &SignedIn, codes: Vec<String>) -> Result<Response, Problem> {
    Ok(page(console, desk, codes).await?.into_response())
}

/// `POST /console/account/sessions/end`.
pub async fn end_one(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Which { id }): Form<Which>,
) -> Result<Redirect, Problem> {
    console.own_sessions.clone().end_own_session(desk.ask(EndOwnSessionRequest { id: id.clone() })).await?;
    console.sessions.forget(id);
    Ok(Redirect::to("/console/account"))
}

/// `POST /console/account/sessions/end-all`.
pub async fn end_all(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    console.own_sessions.clone().end_own_sessions(desk.ask(EndOwnSessionsRequest {})).await?;
    if let Some(session) = &desk.session.actor.session {
        console.sessions.forget(session.clone());
    }
    let cookies = AppendHeaders([cookies::remove(cookies::SESSION), cookies::remove(cookies::STORE)]);
    Ok((cookies, Redirect::to("/console/sign-in?why=signed_out")).into_response())
}
