//! What was sent to one customer, and writing to them.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::permission::Permission;
use proto::{
    base::v1::PageRequest,
    notifications::v1::{ListMessagesRequest, WriteLetterRequest},
};

use super::draft::{Draft, stores};
use crate::{
    console::Console,
    customers::{
        MessageRow,
        head::{Head, at, customer},
    },
    frame::Frame,
    part::{Newest, Part},
    problem::Problem,
    staff::Place,
    team::{Fields, complaint},
    visit::{SignedIn, once},
};

/// Messages that are shown.
const ROWS: u32 = 100;

#[derive(Template, WebTemplate)]
#[template(path = "letters/customer.html")]
struct Page {
    frame: Frame,
    head: Head,
    messages: Part<Newest<MessageRow>>,
    writes: bool,
    stores: Vec<Place>,
    draft: Draft,
    failure: String,
}

async fn page(
    console: &Console,
    desk: &SignedIn,
    id: String,
    (draft, failure): (Draft, String),
) -> Result<Response, Problem> {
    let known = customer(console, desk, &id).await?;
    let mut messages = console.messages.clone();
    let page = Some(PageRequest { limit: ROWS, ..PageRequest::default() });
    let asked = ListMessagesRequest { customer: id, page, ..ListMessagesRequest::default() };
    let asked = messages.list_messages(desk.ask(asked));
    let messages = Part::load(desk, Permission::MessagesRead, asked, |answer| {
        let rows = answer.messages.into_iter().map(|message| MessageRow::new(message, &desk.session));
        Newest::new(rows, answer.page.as_ref())
    });
    let messages = messages.await;
    let head = Head::new(&known, &desk.session, "/messages");
    let writes = desk.session.may(Permission::MessagesWrite);
    let (frame, stores) = (Frame::of(&desk.visit), stores(desk));
    Ok(Page { frame, head, messages, writes, stores, draft, failure }.into_response())
}

/// `GET /console/customers/{id}/messages`.
pub async fn list(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    page(&console, &desk, id, (Draft::new(), String::new())).await
}

/// `POST /console/customers/{id}/messages`: writes to them.
pub async fn write(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let draft = Draft::read(&Fields::read(&body));
    let request = WriteLetterRequest { customer: id.clone(), store: draft.store.clone(), letter: Some(draft.letter()) };
    match console.letters.clone().write_letter(once((&draft.key, &body), desk.ask(request))).await {
        Ok(_) => Ok(Redirect::to(&at(&id, "/messages")?).into_response()),
        Err(status) => page(&console, &desk, id, (draft.afresh(), complaint(status)?)).await,
    }
}
