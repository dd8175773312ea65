//! The tickets of one customer, and opening one for them.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::permission::Permission;
use proto::{
    base::v1::PageRequest,
    customers::v1::{ListTicketsRequest, OpenTicketRequest},
};
use serde::Deserialize;

use super::row::Row;
use crate::{
    console::Console,
    customers::head::{Head, customer},
    frame::Frame,
    part::{Newest, Part},
    problem::Problem,
    team::complaint,
    visit::SignedIn,
};

/// Tickets that are shown.
const ROWS: u32 = 100;

#[derive(Template, WebTemplate)]
#[template(path = "tickets/customer.html")]
struct Page {
    frame: Frame,
    head: Head,
    tickets: Part<Newest<Row>>,
    writes: bool,
    typed: New,
    failure: String,
}

/// A ticket to open.
#[derive(Default, Deserialize)]
pub struct New {
    subject: String,
    text: String,
    /// `public` or `internal`.
    #[serde(default)]
    kind: String,
}

async fn page(
    console: &Console,
    desk: &SignedIn,
    id: String,
    (typed, failure): (New, String),
) -> Result<Response, Problem> {
    let known = customer(console, desk, &id).await?;
    let (zone, mut tickets) = (desk.session.zone, console.tickets.clone());
    let page = Some(PageRequest { limit: ROWS, ..PageRequest::default() });
    let asked = ListTicketsRequest { customer: id, page, ..ListTicketsRequest::default() };
    let asked = tickets.list_tickets(desk.ask(asked));
    let tickets = Part::load(desk, Permission::TicketsRead, asked, |answer| {
        Newest::new(answer.tickets.into_iter().map(|ticket| Row::new(ticket, zone)), answer.page.as_ref())
    });
    let tickets = tickets.await;
    let head = Head::new(&known, &desk.session, "/tickets");
    let writes = desk.session.may(Permission::TicketsWrite);
    Ok(Page { frame: Frame::of(&desk.visit), head, tickets, writes, typed, failure }.into_response())
}

/// `GET /console/customers/{id}/tickets`.
pub async fn list(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    page(&console, &desk, id, (New::default(), String::new())).await
}

/// `POST /console/customers/{id}/tickets`.
pub async fn open(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(new): Form<New>,
) -> Result<Response, Problem> {
    let request = OpenTicketRequest {
        customer: id.clone(),
        subject: new.subject.clone(),
        text: new.text.clone(),
        internal: new.kind != "public",
        ..OpenTicketRequest::default()
    };
    match console.tickets.clone().open_ticket(desk.ask(request)).await {
        Ok(opened) => Ok(Redirect::to(&format!("/console/tickets/{}", opened.into_inner().id)).into_response()),
        Err(status) => page(&console, &desk, id, (new, complaint(status)?)).await,
    }
}
