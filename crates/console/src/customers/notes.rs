//! Notes about a customer (CU-10).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::{
    base::v1::PageRequest,
    customers::v1::{AddNoteRequest, EditNoteRequest, ListNotesRequest, Note},
};
use serde::Deserialize;

use super::head::{Head, at, customer};
use crate::{
    console::Console, frame::Frame, part::Newest, problem::Problem, show::Moment, team::complaint, visit::SignedIn,
};

/// Notes that are shown.
const ROWS: u32 = 100;

struct Row {
    id: String,
    text: String,
    masked: bool,
    author: String,
    added: Option<Moment>,
    edited: Option<Moment>,
    version: i64,
    /// Until when the reader may change it; none when they may not.
    editable: Option<Moment>,
}

impl Row {
    fn new(note: Note, console: &Console, desk: &SignedIn) -> Self {
        let zone = desk.session.zone;
        let until = note.editable_until.as_ref();
        let open = until.and_then(kit::clock::datetime).is_some_and(|until| until >= console.clock.now());
        let own = note.author == desk.session.staff.id;
        Self {
            editable: if open && own { Moment::new(until, zone) } else { None },
            author: if note.written_by.is_empty() { note.author } else { note.written_by },
            masked: !note.redacted.is_empty(),
            added: Moment::new(note.created_at.as_ref(), zone),
            edited: Moment::new(note.edited_at.as_ref(), zone),
            id: note.id,
            text: note.text,
            version: note.version,
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/notes.html")]
struct Page {
    frame: Frame,
    head: Head,
    notes: Newest<Row>,
    typed: String,
    failure: String,
}

/// A note to add.
#[derive(Deserialize)]
pub struct Text {
    text: String,
}

/// A note to change.
#[derive(Deserialize)]
pub struct Change {
    id: String,
    version: String,
    text: String,
}

async fn page(
    console: &Console,
    desk: &SignedIn,
    id: String,
    (typed, failure): (String, String),
) -> Result<Page, Problem> {
    let customer = customer(console, desk, &id).await?;
    let page = Some(PageRequest { limit: ROWS, ..PageRequest::default() });
    let found = console.notes.clone().list_notes(desk.ask(ListNotesRequest { customer: id, page })).await?.into_inner();
    let rows = found.notes.into_iter().map(|note| Row::new(note, console, desk));
    let notes = Newest::new(rows, found.page.as_ref());
    let head = Head::new(&customer, &desk.session, "/notes");
    Ok(Page { frame: Frame::of(&desk.visit), head, notes, typed, failure })
}

/// `GET /console/customers/{id}/notes`.
pub async fn list(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    Ok(page(&console, &desk, id, (String::new(), String::new())).await?.into_response())
}

/// `POST /console/customers/{id}/notes`.
pub async fn add(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(Text { text }): Form<Text>,
) -> Result<Response, Problem> {
    let request = AddNoteRequest { customer: id.clone(), text: text.clone() };
    match console.notes.clone().add_note(desk.ask(request)).await {
        Ok(_) => Ok(Redirect::to(&at(&id, "/notes")?).into_response()),
        Err(status) => Ok(page(&console, &desk, id, (text, complaint(status)?)).await?.into_response()),
    }
}

/// `POST /console/customers/{id}/notes/edit`.
pub async fn edit(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(Change { id: note, version, text }): Form<Change>,
) -> Result<Response, Problem> {
    let request = EditNoteRequest { customer: id.clone(), id: note, text: text.clone() };
    match console.notes.clone().edit_note(desk.ask_at(&version, request)).await {
        Ok(_) => Ok(Redirect::to(&at(&id, "/notes")?).into_response()),
        // What was typed is not lost: it can be added as another note.
        Err(status) => Ok(page(&console, &desk, id, (text, complaint(status)?)).await?.into_response()),
    }
}
