//! Lists as files: asked for below the list, followed and fetched on a page of their own (EX-1, EX-2).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::call::header;
use proto::customers::v1::{Export, ListExportsRequest, RequestExportRequest};
use serde::Deserialize;
use tonic::metadata::MetadataValue;

use super::query::ListQuery;
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, Moment, label},
    team::complaint,
    visit::SignedIn,
};

#[derive(Template, WebTemplate)]
#[template(path = "customers/exports.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    /// Whether something is still being written, so that the page looks again.
    waits: bool,
    failure: String,
}

struct Row {
    title: String,
    state: Badge,
    progress: String,
    masked: bool,
    link: String,
    asked: Option<Moment>,
    until: Option<Moment>,
}

impl Row {
    fn new(export: Export, desk: &SignedIn) -> Self {
        let (done, total) = (label::count(&export.done.to_string()), label::count(&export.total.to_string()));
        Self {
            title: format!("{}, {}", label::words(&export.r#type), export.format.to_uppercase()),
            state: Badge::new(&export.state),
            progress: if export.total == 0 { format!("{done} rows") } else { format!("{done} of {total} rows") },
            masked: export.masked,
            asked: Moment::new(export.created_at.as_ref(), desk.session.zone),
            until: Moment::new(export.expires_at.as_ref(), desk.session.zone),
            link: export.link,
        }
    }
}

async fn page(console: &Console, desk: &SignedIn, failure: String) -> Result<Page, Problem> {
    let found = console.exports.clone().list_exports(desk.ask(ListExportsRequest {})).await?.into_inner().exports;
    let waits = found.iter().any(|export| export.ended_at.is_none());
    let rows = found.into_iter().map(|export| Row::new(export, desk)).collect();
    Ok(Page { frame: Frame::of(&desk.visit), rows, waits, failure })
}

/// `GET /console/customers/exports`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    Ok(page(&console, &desk, String::new()).await?.into_response())
}

/// What is to be written.
#[derive(Deserialize)]
pub struct Wanted {
    format: String,
    /// The same form sent again is the same export.
    key: String,
    #[serde(flatten)]
    query: ListQuery,
}

/// `POST /console/customers/exports`: the list as it is narrowed down.
pub async fn ask(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Wanted { format, key, query }): Form<Wanted>,
) -> Result<Response, Problem> {
    let wanted = query.check()?.request();
    let request = RequestExportRequest {
        r#type: "customers".to_owned(),
        format,
        filter: wanted.filter,
        query: wanted.query,
        ..RequestExportRequest::default()
    };
    let fingerprint = hex::encode(kit::secret::sha256(format!("{request:?}").as_bytes()));
    let mut call = desk.ask(request);
    for (name, value) in [(header::IDEMPOTENCY_KEY, key), (header::FINGERPRINT, fingerprint)] {
        if let Ok(value) = MetadataValue::try_from(value) {
            call.metadata_mut().insert(name, value);
        }
    }
    match console.exports.clone().request_export(call).await {
        Ok(_) => Ok(Redirect::to("/console/customers/exports").into_response()),
        Err(status) => Ok(page(&console, &desk, complaint(status)?).await?.into_response()),
    }
}
