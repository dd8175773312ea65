//! A shopper's support tickets, in every store of theirs (ST-3).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, Query, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use chrono_tz::Tz;
use kit::{
    failure::{Code, Told},
    ids::TicketId,
};
use proto::{
    base::v1::PageRequest,
    customers::v1::{
        AddTicketCommentRequest, GetTicketRequest, ListTicketCommentsRequest, ListTicketsRequest, OpenTicketRequest,
    },
    identity::v1::{ListShopperStoresRequest, ShopperStore},
};
use serde::Deserialize;
use tonic::Status;

use super::guest::{Guest, is_signed_out};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::url,
    tickets::{
        Comment, Row,
        files::{self, Written},
    },
    visit::Visit,
};

/// Tickets and comments of a page.
const ROWS: u32 = 50;
/// Where the list is.
const PATH: &str = "/account/tickets";

/// Where in a list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Place {
    pub(super) after: String,
}

/// A ticket to open.
#[derive(Default, Deserialize)]
pub struct New {
    store: String,
    subject: String,
    text: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "portal/tickets.html")]
struct List {
    frame: Frame,
    tickets: Vec<(Row, String)>,
    stores: Vec<ShopperStore>,
    older: String,
    typed: New,
    failure: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "portal/ticket.html")]
struct Page {
    frame: Frame,
    ticket: Row,
    store: String,
    comments: Vec<Comment>,
    later: String,
    typed: String,
    failure: String,
}

/// Why a page of the shopper's is not there.
pub enum Away {
    /// Nobody is signed in any longer: back to the entrance.
    Entrance,
    /// Something else.
    Problem(Problem),
}

impl From<Status> for Away {
    fn from(status: Status) -> Self {
        if is_signed_out(&status) { Self::Entrance } else { Self::Problem(status.into()) }
    }
}

impl From<Problem> for Away {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl IntoResponse for Away {
    fn into_response(self) -> Response {
        match self {
            Self::Entrance => Redirect::to("/account").into_response(),
            Self::Problem(problem) => problem.into_response(),
        }
    }
}

/// What a shopper may hear of a refusal; everything else is a problem of its own.
pub(super) fn complaint(status: Status) -> Result<String, Away> {
    let told = Told::read(&status);
    match told.code {
        Code::Invalid | Code::Refused | Code::Conflict | Code::Limited => {
            let faults: Vec<_> = told.violations.iter().map(|fault| fault.detail.to_string()).collect();
            Ok(if faults.is_empty() { told.detail } else { faults.join("; ") })
        }
        _ => Err(status.into()),
    }
}

pub(super) async fn stores(console: &Console, visit: &Visit, guest: &Guest) -> Result<Vec<ShopperStore>, Away> {
    let asked = guest.sign(visit.call(ListShopperStoresRequest {}));
    let known = console.portal.shoppers.clone().list_shopper_stores(asked).await?;
    Ok(known.into_inner().stores)
}

pub(super) fn named(stores: &[ShopperStore], id: &str) -> String {
    stores.iter().find(|store| store.id == id).map(|store| store.name.clone()).unwrap_or_default()
}

/// Times are shown in UTC: where a shopper is nobody knows.
const ZONE: Tz = Tz::UTC;

async fn list_page(
    console: &Console,
    (visit, guest): (&Visit, &Guest),
    after: String,
    (typed, failure): (New, String),
) -> Result<Response, Away> {
    let stores = stores(console, visit, guest).await?;
    let page = Some(PageRequest { limit: ROWS, after, ..PageRequest::default() });
    let asked = guest.sign(visit.call(ListTicketsRequest { page, ..ListTicketsRequest::default() }));
    let found = console.tickets.clone().list_tickets(asked).await?.into_inner();
    let next = found.page.unwrap_or_default().next;
    let older = if next.is_empty() { next } else { url(PATH, &[("after", &next)]) };
    let rows = found.tickets.into_iter().map(|ticket| {
        let store = named(&stores, &ticket.store);
        (Row::new(ticket, ZONE), store)
    });
    let tickets = rows.collect();
    let status = if failure.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, List { frame: Frame::of(visit), tickets, stores, older, typed, failure }).into_response())
}

async fn ticket_page(
    console: &Console,
    (visit, guest): (&Visit, &Guest),
    (id, after): (String, String),
    (typed, failure): (String, String),
) -> Result<Response, Away> {
    let mut tickets = console.tickets.clone();
    let asked = guest.sign(visit.call(GetTicketRequest { id: id.clone() }));
    let ticket = tickets.get_ticket(asked).await?.into_inner();
    let page = Some(PageRequest { limit: ROWS, after, ..PageRequest::default() });
    let asked = guest.sign(visit.call(ListTicketCommentsRequest { ticket: id, page }));
    let written = tickets.list_ticket_comments(asked).await?.into_inner();
    let next = written.page.unwrap_or_default().next;
    let later = if next.is_empty() { next } else { url(&format!("{PATH}/{}", ticket.id), &[("after", &next)]) };
    let stores = stores(console, visit, guest).await?;
    let status = if failure.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        frame: Frame::of(visit),
        store: named(&stores, &ticket.store),
        ticket: Row::new(ticket, ZONE),
        comments: written.comments.into_iter().map(|comment| Comment::new(comment, ZONE)).collect(),
        later,
        typed,
        failure,
    };
    Ok((status, page).into_response())
}

/// The shopper who is signed in, or the way to the entrance.
pub(super) async fn guest(console: &Console, visit: &Visit, headers: &HeaderMap) -> Result<Guest, Away> {
    console.portal.guest(visit, headers).await?.ok_or(Away::Entrance)
}

/// `GET /account/tickets`.
pub async fn list(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Query(place): Query<Place>,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    list_page(&console, (&visit, &guest), place.after, (New::default(), String::new())).await
}

/// `POST /account/tickets`.
pub async fn open(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Form(new): Form<New>,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    let (store, subject, text) = (new.store.clone(), new.subject.clone(), new.text.clone());
    let wanted = OpenTicketRequest { store, subject, text, ..OpenTicketRequest::default() };
    match console.tickets.clone().open_ticket(guest.sign(visit.call(wanted))).await {
        Ok(opened) => Ok(Redirect::to(&format!("{PATH}/{}", opened.into_inner().id)).into_response()),
        Err(status) => list_page(&console, (&visit, &guest), String::new(), (new, complaint(status)?)).await,
    }
}

/// `GET /account/tickets/{id}`.
pub async fn show(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    let _: TicketId = id.parse().map_err(|_| Problem::no_page())?;
    ticket_page(&console, (&visit, &guest), (id, place.after), (String::new(), String::new())).await
}

/// `GET /account/tickets/{id}/attachments/{attachment}`.
pub async fn read(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Path(file): Path<(String, String)>,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    Ok(files::read(&console, file, &headers, move |piece| guest.sign(visit.call(piece))).await?)
}

/// `POST /account/tickets/{id}`: a reply, which may go into a ticket that follows this one up.
pub async fn reply(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    let mut written = Written::receive(request).await?;
    let attachments = written.hand_in(&console, &id, |file| guest.sign(visit.call(file))).await;
    let text = written.text;
    let done = match attachments {
        Ok(attachments) => {
            let (ticket, text) = (id.clone(), text.clone());
            let wanted = AddTicketCommentRequest { ticket, text, attachments, ..Default::default() };
            console.tickets.clone().add_ticket_comment(guest.sign(visit.call(wanted))).await
        }
        Err(refused) => Err(refused),
    };
    match done {
        Ok(written) => Ok(Redirect::to(&format!("{PATH}/{}", written.into_inner().ticket)).into_response()),
        Err(status) => ticket_page(&console, (&visit, &guest), (id, String::new()), (text, complaint(status)?)).await,
    }
}
