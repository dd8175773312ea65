//! `GET /console/subscriptions`: all of them, or those of one customer or in one state.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Query, State},
    response::Response,
};
use kit::permission::Permission;
use proto::{
    base::v1::{Condition, Filter, PageRequest, filter::Node},
    customers::v1::RequestExportRequest,
    orders::v1::ListSubscriptionsRequest,
};
use serde::Deserialize;

use super::Record;
use crate::{
    console::Console,
    customers,
    frame::Frame,
    problem::Problem,
    show::{label, url},
    visit::SignedIn,
};

/// Address of the list.
const PATH: &str = "/console/subscriptions";
/// Rows of a page.
const ROWS: u32 = 25;

/// Which of them, and which page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    status: String,
    customer: String,
    after: String,
    before: String,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "subscriptions/list.html")]
pub struct Page {
    frame: Frame,
    wanted: Wanted,
    rows: Vec<Record>,
    summary: String,
    previous: String,
    next: String,
    /// What the reader's next export is known by; empty when they may take nothing away.
    key: String,
}

impl Wanted {
    fn request(&self) -> ListSubscriptionsRequest {
        let condition = |value: &str| {
            let values = vec![value.to_owned()];
            Filter { node: Some(Node::Condition(Condition { field: "status".into(), op: "eq".into(), values })) }
        };
        ListSubscriptionsRequest {
            customer: self.customer.clone(),
            filter: (!self.status.is_empty()).then(|| condition(&self.status)),
            page: Some(PageRequest {
                limit: ROWS,
                after: self.after.clone(),
                before: self.before.clone(),
                total: true,
            }),
        }
    }

    /// What narrows the list down, for a form.
    fn fields(&self) -> [(&str, &str); 1] {
        [("status", &self.status)]
    }

    /// Address of the list with another `cursor`.
    fn page(&self, name: &str, cursor: &str) -> String {
        if cursor.is_empty() {
            return String::new();
        }
        url(PATH, &[("status", &self.status), ("customer", &self.customer), (name, cursor)])
    }
}

/// A file of those of one customer there is not.
fn may_export(desk: &SignedIn, wanted: &Wanted) -> bool {
    desk.session.may(Permission::ExportsCreate) && wanted.customer.is_empty()
}

/// What is to be written.
#[derive(Deserialize)]
pub struct File {
    format: String,
    key: String,
    #[serde(default)]
    status: String,
}

/// `POST /console/subscriptions/export`: the list as it is narrowed down, as a file (EX-1).
pub async fn export(
    State(console): State<Console>,
    desk: SignedIn,
    Form(File { format, key, status }): Form<File>,
) -> Result<Response, Problem> {
    let filter = Wanted { status, ..Wanted::default() }.request().filter;
    let r#type = "subscriptions".to_owned();
    let request = RequestExportRequest { r#type, format, filter, ..RequestExportRequest::default() };
    customers::take_export(&console, &desk, (request, key)).await
}

/// `GET /console/subscriptions`.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Page, Problem> {
    let asked = desk.ask(wanted.request());
    let found = console.subscriptions.clone().list_subscriptions(asked).await?.into_inner();
    let place = found.page.unwrap_or_default();
    let noun = if place.total == "1" { "subscription" } else { "subscriptions" };
    Ok(Page {
        frame: Frame::of(&desk.visit),
        rows: found.subscriptions.into_iter().map(|one| Record::new(one, desk.session.zone)).collect(),
        summary: format!("{} {noun}", label::count(&place.total)),
        key: if may_export(&desk, &wanted) { customers::export_key(&console) } else { String::new() },
        previous: wanted.page("before", &place.prev),
        next: wanted.page("after", &place.next),
        wanted,
    })
}
