//! Lists as files: asked for below the list, followed and fetched on a page of their own (EX-1, EX-2).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::{call::header, permission::Permission};
use proto::customers::v1::{Export, ListExportsRequest, RequestExportRequest};
use serde::Deserialize;
use tonic::metadata::MetadataValue;

use super::query::ListQuery;
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, Moment, label, span},
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
    /// Lists to choose from.
    lists: Vec<(&'static str, &'static str)>,
    /// What the next export from here is known by.
    key: String,
}

/// Lists that become files: what the reader needs for each, its slug and its title.
const LISTS: [(Permission, &str, &str); 6] = [
    (Permission::CustomersRead, "customers", "Customers and leads"),
    (Permission::CustomersRead, "leads", "Leads"),
    (Permission::OrdersRead, "orders", "Orders"),
    (Permission::OrdersRead, "transactions", "Transactions"),
    (Permission::OrdersRead, "subscriptions", "Subscriptions"),
    (Permission::CartsRead, "open_carts", "Open carts"),
];

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

/// What a new form is known by.
pub fn key(console: &Console) -> String {
    kit::ids::uuid(console.clock.now()).to_string()
}

async fn page(console: &Console, desk: &SignedIn, failure: String) -> Result<Page, Problem> {
    let found = console.exports.clone().list_exports(desk.ask(ListExportsRequest {})).await?.into_inner().exports;
    let waits = found.iter().any(|export| export.ended_at.is_none());
    let rows = found.into_iter().map(|export| Row::new(export, desk)).collect();
    let lists = LISTS.iter().filter(|(needed, ..)| desk.session.may(*needed));
    let lists = lists.map(|(_, slug, title)| (*slug, *title)).collect();
    Ok(Page { frame: Frame::of(&desk.visit), rows, waits, failure, lists, key: key(console) })
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
    take(&console, &desk, (request, key)).await
}

/// A list of which nothing is known but its name, and the days that are meant.
#[derive(Deserialize)]
pub struct Another {
    list: String,
    format: String,
    key: String,
    from: String,
    to: String,
}

/// `POST /console/customers/exports/another`: a whole list, or what was made on some days.
pub async fn ask_another(
    State(console): State<Console>,
    desk: SignedIn,
    Form(another): Form<Another>,
) -> Result<Response, Problem> {
    let days = span([&another.from, &another.to], desk.session.zone)?;
    let [from, to] = days.map(|at| at.map(|at| at.to_rfc3339()).unwrap_or_default());
    let Another { list, format, key, .. } = another;
    let request = RequestExportRequest { r#type: list, format, from, to, ..RequestExportRequest::default() };
    take(&console, &desk, (request, key)).await
}

/// Asks for a file, which is the same one however often the form with this `key` is sent.
pub async fn take(
    console: &Console,
    desk: &SignedIn,
    (request, key): (RequestExportRequest, String),
) -> Result<Response, Problem> {
    let fingerprint = hex::encode(kit::secret::sha256(format!("{request:?}").as_bytes()));
    let mut call = desk.ask(request);
    for (name, value) in [(header::IDEMPOTENCY_KEY, key), (header::FINGERPRINT, fingerprint)] {
        if let Ok(value) = MetadataValue::try_from(value) {
            call.metadata_mut().insert(name, value);
        }
    }
    match console.exports.clone().request_export(call).await {
        Ok(_) => Ok(Redirect::to("/console/customers/exports").into_response()),
        Err(status) => Ok(page(console, desk, complaint(status)?).await?.into_response()),
    }
}
