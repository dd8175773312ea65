//! The second factor of a sign-in: six digits of an authenticator (ID-20).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Query, State},
    http::HeaderMap,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use kit::failure::{Code, Told};
use proto::identity::v1::VerifyFactorRequest;
use serde::Deserialize;

use super::sign_in::{Arrival, admit, enter, refusal};
use crate::{console::Console, cookies, frame::Frame, guard, problem::Problem, show::url, visit::Visit};

/// What was typed.
#[derive(Deserialize)]
pub struct Factor {
    code: String,
    #[serde(default)]
    next: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "code.html")]
struct Page {
    frame: Frame,
    next: String,
    failure: String,
}

/// Recovery codes, shown once.
#[derive(Template, WebTemplate)]
#[template(path = "recovery_codes.html")]
struct Kept {
    frame: Frame,
    next: String,
    codes: Vec<String>,
}

/// `GET /console/sign-in/code`.
pub async fn ask_code(visit: Visit, headers: HeaderMap, Query(arrival): Query<Arrival>) -> Response {
    if cookies::read(&headers, cookies::CHALLENGE).is_empty() {
        return start_again(&arrival.next);
    }
    Page { frame: Frame::of(&visit), next: arrival.next, failure: String::new() }.into_response()
}

/// `POST /console/sign-in/code`.
pub async fn verify_code(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Form(factor): Form<Factor>,
) -> Result<Response, Problem> {
    let Factor { code, next } = factor;
    let challenge = cookies::read(&headers, cookies::CHALLENGE);
    if challenge.is_empty() {
        return Ok(start_again(&next));
    }
    let code = code.chars().filter(|c| !c.is_whitespace()).collect();
    let request = VerifyFactorRequest { challenge, code };
    match console.staff_sessions.clone().verify_factor(visit.call(request)).await {
        Ok(session) => {
            let session = session.into_inner();
            if session.recovery_codes.is_empty() {
                return Ok(enter(&console, &session, &headers, &next));
            }
            let cookies = admit(&console, &session, &headers);
            let next = guard::own_page(&next).to_owned();
            let codes = Kept { frame: Frame::of(&visit), next, codes: session.recovery_codes };
            Ok((cookies, codes).into_response())
        }
        Err(status) => {
            let told = Told::read(&status);
            if matches!(told.code, Code::Expired | Code::NotFound) {
                return Ok(start_again(&next));
            }
            let (code, failure) = refusal(told, "That code is not right. Use the newest one, each works once.")?;
            Ok((code, Page { frame: Frame::of(&visit), next, failure }).into_response())
        }
    }
}

/// Back to e-mail and password: there is nothing to prove a code for any more.
fn start_again(next: &str) -> Response {
    let target = url("/console/sign-in", &[("next", next), ("why", "expired")]);
    (AppendHeaders([cookies::remove(cookies::CHALLENGE)]), Redirect::to(&target)).into_response()
}
