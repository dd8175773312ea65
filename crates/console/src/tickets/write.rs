//! What staff do with a ticket.
use axum::{
    extract::{Form, Path, Request, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use kit::ids::TicketId;
use proto::customers::v1::{AddTicketCommentRequest, FollowUpTicketRequest, TicketTexts, UpdateTicketRequest};
use serde::Deserialize;

use super::{
    detail::page,
    files::{self, Written},
};
use crate::{console::Console, problem::Problem, team::complaint, visit::SignedIn};

/// Something to write.
#[derive(Deserialize)]
pub struct Words {
    text: String,
    /// `public` or `internal`.
    #[serde(default)]
    kind: String,
}

/// What a ticket is to be.
#[derive(Deserialize)]
pub struct Change {
    version: String,
    #[serde(default)]
    status: String,
    priority: String,
    assignee: String,
    tags: String,
}

/// The address of the ticket `id`.
fn at(id: &str) -> Result<String, Problem> {
    let id: TicketId = id.parse().map_err(|_| Problem::not_found())?;
    Ok(format!("/console/tickets/{id}"))
}

/// `POST /console/tickets/{id}/comments`.
pub async fn write(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let mut written = Written::receive(request).await?;
    let attachments = written.hand_in(&console, &id, |file| desk.ask(file)).await;
    let Written { text, kind, status, .. } = written;
    // Whatever is not said to be public stays inside.
    let internal = kind != "public";
    let done = match attachments {
        Ok(attachments) => {
            let (ticket, text) = (id.clone(), text.clone());
            let request = AddTicketCommentRequest { ticket, text, internal, status, attachments };
            console.tickets.clone().add_ticket_comment(desk.ask(request)).await.map(|_| ())
        }
        Err(refused) => Err(refused),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&at(&id)?).into_response()),
        Err(status) => page(&console, &desk, (id, String::new()), (text, complaint(status)?)).await,
    }
}

/// `GET /console/tickets/{id}/attachments/{attachment}`.
pub async fn read(
    State(console): State<Console>,
    desk: SignedIn,
    Path(file): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(files::read(&console, file, &headers, move |piece| desk.ask(piece)).await?)
}

/// `POST /console/tickets/{id}/change`.
pub async fn change(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(change): Form<Change>,
) -> Result<Response, Problem> {
    let Change { version, status, priority, assignee, tags } = change;
    let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    let request = UpdateTicketRequest {
        id: id.clone(),
        status: Some(status).filter(|status| !status.is_empty()),
        priority: Some(priority),
        assignee: Some(assignee),
        tags: Some(TicketTexts { texts: tags }),
        ..UpdateTicketRequest::default()
    };
    match console.tickets.clone().update_ticket(desk.ask_at(&version, request)).await {
        Ok(_) => Ok(Redirect::to(&at(&id)?).into_response()),
        Err(status) => page(&console, &desk, (id, String::new()), (String::new(), complaint(status)?)).await,
    }
}

/// `POST /console/tickets/{id}/follow-up`.
pub async fn follow_up(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(Words { text, kind }): Form<Words>,
) -> Result<Response, Problem> {
    let request = FollowUpTicketRequest { id: id.clone(), text: text.clone(), internal: kind != "public" };
    match console.tickets.clone().follow_up_ticket(desk.ask(request)).await {
        Ok(opened) => Ok(Redirect::to(&at(&opened.into_inner().id)?).into_response()),
        Err(status) => page(&console, &desk, (id, String::new()), (text, complaint(status)?)).await,
    }
}
