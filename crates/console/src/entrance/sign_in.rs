//! Sign-in with e-mail and password; the second factor follows where one is enrolled (ID-20).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use kit::{
    clock,
    failure::{Code, Told},
};
use prost_types::Timestamp;
use proto::identity::v1::{
    CreateSessionRequest, CreateSessionResponse, StaffSession, create_session_response::Outcome,
};
use serde::Deserialize;

use super::enrol;
use crate::{
    console::Console,
    cookies,
    frame::Frame,
    guard,
    problem::Problem,
    show::url,
    staff::first_place,
    visit::{Visit, Who},
};

/// How long a challenge can be answered, in seconds.
const CHALLENGE: i64 = 300;

/// Where to go on, and what to say first.
#[derive(Deserialize)]
pub struct Arrival {
    /// Page to go on to.
    #[serde(default)]
    pub next: String,
    /// Why the page is shown: `signed_out` or `expired`; empty for no reason.
    #[serde(default)]
    pub why: String,
}

/// What was typed.
#[derive(Deserialize)]
pub struct Credentials {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "sign_in.html")]
struct Page {
    frame: Frame,
    next: String,
    email: String,
    notice: &'static str,
    failure: String,
}

/// `GET /console/sign-in`.
pub async fn show(visit: Visit, Query(arrival): Query<Arrival>) -> Response {
    if matches!(visit.who, Who::Staff(_)) {
        return Redirect::to(guard::own_page(&arrival.next)).into_response();
    }
    let notice = match arrival.why.as_str() {
        "signed_out" => "You are signed out.",
        "expired" => "That took too long. Please sign in again.",
        _ => "",
    };
    let (email, failure) = (String::new(), String::new());
    Page { frame: Frame::of(&visit), next: arrival.next, email, notice, failure }.into_response()
}

/// `POST /console/sign-in`.
pub async fn sign_in(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Result<Response, Problem> {
    let Credentials { email, password, next } = credentials;
    let request = CreateSessionRequest { email: email.trim().to_owned(), password };
    match console.staff_sessions.clone().create_session(visit.call(request)).await {
        Ok(answer) => go_on(&console, &visit, answer.into_inner(), (&headers, &next)).await,
        Err(status) => {
            let told = Told::read(&status);
            let (code, failure) = refusal(told, "The e-mail address or the password is not right.")?;
            let page = Page { frame: Frame::of(&visit), next, email, notice: "", failure };
            Ok((code, page).into_response())
        }
    }
}

/// What comes after the password: in, on to the second factor, or on to enrolling one.
pub async fn go_on(
    console: &Console,
    visit: &Visit,
    answer: CreateSessionResponse,
    (headers, next): (&HeaderMap, &str),
) -> Result<Response, Problem> {
    match answer.outcome {
        Some(Outcome::Session(session)) => Ok(enter(console, &session, headers, next)),
        Some(Outcome::Challenge(challenge)) if answer.enrolment_required => {
            enrol::begin(console, visit, challenge, next).await
        }
        Some(Outcome::Challenge(challenge)) => {
            let target = url("/console/sign-in/code", &[("next", next)]);
            Ok((AppendHeaders([keep(&challenge)]), Redirect::to(&target)).into_response())
        }
        None => Err(Problem::from(tonic::Status::internal("a sign-in without an outcome"))),
    }
}

/// The cookie that keeps a challenge while it can be answered.
pub fn keep(challenge: &str) -> (HeaderName, HeaderValue) {
    cookies::set(cookies::CHALLENGE, challenge, CHALLENGE)
}

/// What a form says when identity refuses: `wrong` for credentials that are not right, identity's own words for what
/// came too often. Everything else is a problem of its own.
pub fn refusal(told: Told, wrong: &str) -> Result<(StatusCode, String), Problem> {
    match told.code {
        Code::Unauthenticated | Code::Invalid | Code::Refused => {
            Ok((StatusCode::UNPROCESSABLE_ENTITY, wrong.to_owned()))
        }
        Code::Limited => {
            let wait = told.retry_after.map(|wait| wait.as_secs().div_ceil(60).max(1));
            let wait = wait.map_or(String::new(), |minutes| format!(" Try again in {minutes} min."));
            Ok((StatusCode::TOO_MANY_REQUESTS, format!("Too many attempts.{wait}")))
        }
        _ => Err(Problem::from(told)),
    }
}

/// Lets a signed-in person in, and on to the page they wanted.
pub fn enter(console: &Console, session: &StaffSession, headers: &HeaderMap, next: &str) -> Response {
    (admit(console, session, headers), Redirect::to(guard::own_page(next))).into_response()
}

/// Cookies for the session and the place to start in.
pub fn admit(
    console: &Console,
    session: &StaffSession,
    headers: &HeaderMap,
) -> AppendHeaders<[(HeaderName, HeaderValue); 3]> {
    let member = session.staff.clone().unwrap_or_default();
    let store = first_place(&member, &cookies::read(headers, cookies::STORE));
    let expires_at = session.expires_at.as_ref();
    AppendHeaders([
        session_cookie(console, &session.token, expires_at),
        cookies::set(cookies::STORE, &store, seconds_until(console, expires_at)),
        cookies::remove(cookies::CHALLENGE),
    ])
}

/// The cookie of a session with this token.
pub fn session_cookie(console: &Console, token: &str, expires_at: Option<&Timestamp>) -> (HeaderName, HeaderValue) {
    cookies::set(cookies::SESSION, token, seconds_until(console, expires_at))
}

fn seconds_until(console: &Console, end: Option<&Timestamp>) -> i64 {
    end.and_then(clock::datetime).map_or(0, |end| (end - console.clock.now()).num_seconds())
}
