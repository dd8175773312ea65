//! Files of customers: uploaded here, and followed on a page of their own.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use front::form::{BodyError, parts, receive, turn};
use proto::customers::v1::{Import, ListImportsRequest, UploadImportRequest};

use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, Moment, label},
    team::complaint,
    visit::SignedIn,
};

/// Address of the page.
pub const HERE: &str = "/console/customers/imports";
/// The largest form with a file, in bytes.
const LARGEST: usize = 25 * 1024 * 1024 + 64 * 1024;
/// What is said of a file that there is no room for.
const TOO_LARGE: &str = "the file is larger than 25 MiB";
/// What is said of half a file.
const BROKEN: &str = "the file did not arrive whole";

#[derive(Template, WebTemplate)]
#[template(path = "customers/imports.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    failure: String,
}

struct Row {
    id: String,
    state: Badge,
    rows: String,
    uploaded: Option<Moment>,
}

async fn page(console: &Console, desk: &SignedIn, failure: String) -> Result<Page, Problem> {
    let found = console.imports.clone().list_imports(desk.ask(ListImportsRequest {})).await?.into_inner().imports;
    let row = |import: Import| Row {
        state: Badge::new(&import.state),
        rows: label::count(&import.rows.to_string()),
        uploaded: Moment::new(import.created_at.as_ref(), desk.session.zone),
        id: import.id,
    };
    Ok(Page { frame: Frame::of(&desk.visit), rows: found.into_iter().map(row).collect(), failure })
}

/// `GET /console/customers/imports`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    Ok(page(&console, &desk, String::new()).await?.into_response())
}

/// `POST /console/customers/imports`: a file.
pub async fn upload(State(console): State<Console>, desk: SignedIn, request: Request) -> Result<Response, Problem> {
    let _turn = turn().await.ok_or_else(Problem::crowded)?;
    let file = match file(request).await {
        Ok(file) => file,
        Err(fault) => return Ok(page(&console, &desk, fault.to_owned()).await?.into_response()),
    };
    match console.imports.clone().upload_import(desk.ask(UploadImportRequest { file })).await {
        Ok(import) => Ok(Redirect::to(&format!("{HERE}/{}", import.into_inner().id)).into_response()),
        Err(status) => Ok(page(&console, &desk, complaint(status)?).await?.into_response()),
    }
}

/// The file of a form; else what is wrong with it.
async fn file(request: Request) -> Result<Bytes, &'static str> {
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let body = receive(body, LARGEST).await.map_err(|error| match error {
        BodyError::TooLarge => TOO_LARGE,
        BodyError::Broken => BROKEN,
    })?;
    let parts = parts(kind, body).await.map_err(|_| BROKEN)?;
    Ok(parts.into_iter().next().map(|part| part.data).unwrap_or_default())
}
