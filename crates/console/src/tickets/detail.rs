//! `GET /console/tickets/{id}`: one ticket with all that was written in it.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use kit::permission::Permission;
use proto::{
    base::v1::PageRequest,
    customers::v1::{GetTicketRequest, ListTicketCommentsRequest},
};
use serde::Deserialize;

use super::row::{Comment, Row};
use crate::{console::Console, frame::Frame, problem::Problem, show::url, staff::colleagues, visit::SignedIn};

/// Comments of a page.
const ROWS: u32 = 100;

/// Where in the thread.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Place {
    after: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "tickets/detail.html")]
struct Page {
    frame: Frame,
    ticket: Row,
    comments: Vec<Comment>,
    /// Address of what was written later.
    later: String,
    /// Ids and names of those who may see to it.
    colleagues: Vec<(String, String)>,
    writes: bool,
    role: String,
    typed: String,
    failure: String,
}

/// `GET /console/tickets/{id}`.
pub async fn show(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Result<Response, Problem> {
    page(&console, &desk, (id, place.after), (String::new(), String::new())).await
}

/// The page, with what was `typed` and why it was not taken.
pub(super) async fn page(
    console: &Console,
    desk: &SignedIn,
    (id, after): (String, String),
    (typed, failure): (String, String),
) -> Result<Response, Problem> {
    let mut tickets = console.tickets.clone();
    let ticket = tickets.get_ticket(desk.ask(GetTicketRequest { id: id.clone() })).await?.into_inner();
    let page = Some(PageRequest { limit: ROWS, after, ..PageRequest::default() });
    let asked = ListTicketCommentsRequest { ticket: id, page };
    let written = tickets.list_ticket_comments(desk.ask(asked)).await?.into_inner();
    let zone = desk.session.zone;
    let next = written.page.unwrap_or_default().next;
    let later = if next.is_empty() {
        String::new()
    } else {
        url(&format!("/console/tickets/{}", ticket.id), &[("after", &next)])
    };
    let page = Page {
        frame: Frame::of(&desk.visit),
        colleagues: colleagues(console, desk, (&ticket.assignee, &ticket.assignee_name)).await,
        ticket: Row::new(ticket, zone),
        comments: written.comments.into_iter().map(|comment| Comment::new(comment, zone)).collect(),
        later,
        writes: desk.session.may(Permission::TicketsWrite),
        role: desk.session.role(),
        typed,
        failure,
    };
    Ok(page.into_response())
}

/// The reader, whoever sees to it already, and for those who look after the staff everybody of them.
async fn colleagues(console: &Console, desk: &SignedIn, (id, name): (&str, &str)) -> Vec<(String, String)> {
    let me = &desk.session.staff;
    let mut all = vec![(me.id.clone(), format!("{} (you)", me.name))];
    if !id.is_empty() {
        all.push((id.to_owned(), if name.is_empty() { "no longer here".to_owned() } else { name.to_owned() }));
    }
    all.extend(colleagues::names(console, desk).await);
    let mut known = std::collections::HashSet::new();
    all.retain(|(id, _)| known.insert(id.clone()));
    all
}
