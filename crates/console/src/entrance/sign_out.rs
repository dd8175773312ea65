//! Sign-out: the session ends at identity, then the browser forgets it.
use axum::{
    extract::State,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use kit::failure::{Code, Told};
use proto::identity::v1::DeleteSessionRequest;

use crate::{console::Console, cookies, problem::Problem, visit::SignedIn};

/// `POST /console/sign-out`. When identity cannot be told, the page says so and the session stays: a sign-out that
/// only looks like one would be worse.
pub async fn sign_out(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    let ended = console.staff_sessions.clone().delete_session(desk.ask(DeleteSessionRequest {})).await;
    if let Err(status) = ended
        && Told::read(&status).code != Code::Unauthenticated
    {
        return Err(status.into());
    }
    if let Some(session) = &desk.session.actor.session {
        console.sessions.forget(session.clone());
    }
    let cookies = AppendHeaders([cookies::remove(cookies::SESSION), cookies::remove(cookies::STORE)]);
    Ok((cookies, Redirect::to("/console/sign-in?why=signed_out")).into_response())
}
