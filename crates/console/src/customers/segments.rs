//! Saved filters: chosen above the list, saved below it, dropped on a page of their own (CU-6).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::permission::Permission;
use proto::{
    base::v1::{FilterList, filter::Node},
    customers::v1::{CreateSegmentRequest, DeleteSegmentRequest, ListSegmentsRequest, Segment},
};
use serde::Deserialize;

use super::query::{ListQuery, PATH, READY};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Moment, url},
    team::complaint,
    visit::SignedIn,
};

/// Address of the page.
const HERE: &str = "/console/customers/segments";

/// A filter to choose.
pub struct Option {
    /// `seg_…`, or the slug of a ready one.
    pub value: String,
    /// What it is called.
    pub title: String,
    /// Whether the list is narrowed down by it.
    pub chosen: bool,
}

/// What a reader can choose from: the ready ones, and the saved ones they may use. The list does not wait for what cannot
/// be had.
pub async fn options(console: &Console, desk: &SignedIn, chosen: &str) -> Vec<Option> {
    let saved = console.segments.clone().list_segments(desk.ask(ListSegmentsRequest {})).await;
    let saved = saved.map(|saved| saved.into_inner().segments).unwrap_or_default();
    let usable = saved.into_iter().filter(|segment| segment.redacted.is_empty());
    let ready = READY.iter().map(|(slug, title)| ((*slug).to_owned(), (*title).to_owned()));
    let all = ready.chain(usable.map(|segment| (segment.id, segment.name)));
    all.map(|(value, title)| Option { chosen: value == chosen, value, title }).collect()
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/segments.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    writes: bool,
    failure: String,
}

struct Row {
    id: String,
    name: String,
    link: String,
    hidden: bool,
    personal: bool,
    changed: std::option::Option<Moment>,
}

async fn page(console: &Console, desk: &SignedIn, failure: String) -> Result<Page, Problem> {
    let found = console.segments.clone().list_segments(desk.ask(ListSegmentsRequest {})).await?;
    let row = |segment: Segment| Row {
        link: url(PATH, &[("tab", "all"), ("segment", &segment.id)]),
        hidden: !segment.redacted.is_empty(),
        personal: segment.personal,
        changed: Moment::new(segment.updated_at.as_ref(), desk.session.zone),
        id: segment.id,
        name: segment.name,
    };
    let rows = found.into_inner().segments.into_iter().map(row).collect();
    let writes = desk.session.may(Permission::CustomersWrite);
    Ok(Page { frame: Frame::of(&desk.visit), rows, writes, failure })
}

/// `GET /console/customers/segments`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    Ok(page(&console, &desk, String::new()).await?.into_response())
}

/// What is to be saved.
#[derive(Deserialize)]
pub struct Wanted {
    name: String,
    #[serde(flatten)]
    query: ListQuery,
}

/// `POST /console/customers/segments`: the filter of a list under a name.
pub async fn save(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Wanted { name, query }): Form<Wanted>,
) -> Result<Response, Problem> {
    let mut filter = query.check()?.request().filter;
    if let Some(Node::And(FilterList { filters })) = filter.as_mut().and_then(|filter| filter.node.as_mut())
        && filters.len() == 1
    {
        filter = filters.pop();
    }
    match console.segments.clone().create_segment(desk.ask(CreateSegmentRequest { name, filter })).await {
        Ok(saved) => {
            let id = saved.into_inner().id;
            Ok(Redirect::to(&url(PATH, &[("tab", "all"), ("segment", &id)])).into_response())
        }
        Err(status) => Ok(page(&console, &desk, complaint(status)?).await?.into_response()),
    }
}

/// Which segment.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

/// `POST /console/customers/segments/drop`.
pub async fn drop(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Which { id }): Form<Which>,
) -> Result<Response, Problem> {
    match console.segments.clone().delete_segment(desk.ask(DeleteSegmentRequest { id })).await {
        Ok(_) => Ok(Redirect::to(HERE).into_response()),
        Err(status) => Ok(page(&console, &desk, complaint(status)?).await?.into_response()),
    }
}
