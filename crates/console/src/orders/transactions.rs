//! `GET /console/transactions`: the ledger, newest first (OR-4).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Query, State},
    response::Response,
};
use chrono_tz::Tz;
use kit::permission::Permission;
use proto::{
    base::v1::PageRequest,
    customers::v1::RequestExportRequest,
    orders::v1::{LedgerSum, ListTransactionsRequest, Transaction},
};
use serde::Deserialize;

use super::query;
use crate::{
    console::Console,
    customers,
    frame::Frame,
    problem::Problem,
    show::{Badge, Moment, label, price, url},
    visit::SignedIn,
};

/// Address of the list.
const PATH: &str = "/console/transactions";
/// Rows of a page.
const ROWS: u32 = 25;

/// Which of them, and which page.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    kind: String,
    status: String,
    gateway: String,
    /// The first and the last day that they were entered on.
    from: String,
    to: String,
    after: String,
    before: String,
}

impl Wanted {
    fn request(&self, zone: Tz) -> Result<ListTransactionsRequest, Problem> {
        let query = query::Query::default()
            .is("type", &self.kind)
            .is("status", &self.status)
            .is("gateway", &self.gateway)
            .within("created_at", [&self.from, &self.to], zone)?;
        Ok(ListTransactionsRequest {
            filter: query.filter(),
            page: Some(PageRequest {
                limit: ROWS,
                after: self.after.clone(),
                before: self.before.clone(),
                total: true,
            }),
            ..ListTransactionsRequest::default()
        })
    }

    /// What narrows the list down, for a form.
    fn fields(&self) -> [(&str, &str); 5] {
        [
            ("kind", &self.kind),
            ("status", &self.status),
            ("gateway", &self.gateway),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    fn is_narrowed(&self) -> bool {
        self.fields().iter().any(|(_, value)| !value.is_empty())
    }

    /// Address of the same entries behind or before a cursor; empty without one.
    fn link(&self, name: &str, cursor: &str) -> String {
        if cursor.is_empty() {
            return String::new();
        }
        let kept = self.fields().into_iter().filter(|(_, value)| !value.is_empty());
        url(PATH, &kept.chain([(name, cursor)]).collect::<Vec<_>>())
    }
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "orders/transactions.html")]
pub struct Page {
    frame: Frame,
    wanted: Wanted,
    rows: Vec<Row>,
    summary: String,
    /// What came in, what went back, and what is left, by currency.
    sums: Vec<[String; 3]>,
    previous: String,
    next: String,
    /// What the reader's next export is known by; empty when they may take nothing away.
    key: String,
}

struct Row {
    order: String,
    kind: String,
    description: String,
    status: Badge,
    gateway: String,
    reference: String,
    at: Option<Moment>,
    amount: String,
}

impl Row {
    fn new(entry: Transaction, desk: &SignedIn) -> Self {
        Self {
            order: entry.order,
            kind: label::words(&entry.r#type),
            description: entry.description,
            status: Badge::new(&entry.status),
            gateway: label::words(&entry.gateway),
            reference: entry.reference,
            at: Moment::new(entry.created_at.as_ref(), desk.session.zone),
            amount: price(entry.amount.as_ref()),
        }
    }
}

fn sums(sum: &LedgerSum) -> [String; 3] {
    [&sum.captured, &sum.refunded, &sum.net].map(|money| price(money.as_ref()))
}

/// `GET /console/transactions`.
pub async fn transactions(
    State(console): State<Console>,
    desk: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Page, Problem> {
    let asked = desk.ask(wanted.request(desk.session.zone)?);
    let found = console.transactions.clone().list_transactions(asked).await?.into_inner();
    let place = found.page.unwrap_or_default();
    let noun = if place.total == "1" { "transaction" } else { "transactions" };
    let exports = desk.session.may(Permission::ExportsCreate);
    Ok(Page {
        frame: Frame::of(&desk.visit),
        rows: found.transactions.into_iter().map(|entry| Row::new(entry, &desk)).collect(),
        summary: format!("{} {noun}", label::count(&place.total)),
        sums: found.sums.iter().map(sums).collect(),
        key: if exports { customers::export_key(&console) } else { String::new() },
        previous: wanted.link("before", &place.prev),
        next: wanted.link("after", &place.next),
        wanted,
    })
}

/// What is to be written.
#[derive(Deserialize)]
pub struct File {
    format: String,
    key: String,
    #[serde(flatten)]
    wanted: Wanted,
}

/// `POST /console/transactions/export`: the list as it is narrowed down, as a file (EX-1).
pub async fn export_transactions(
    State(console): State<Console>,
    desk: SignedIn,
    Form(File { format, key, wanted }): Form<File>,
) -> Result<Response, Problem> {
    let filter = wanted.request(desk.session.zone)?.filter;
    let r#type = "transactions".to_owned();
    let request = RequestExportRequest { r#type, format, filter, ..RequestExportRequest::default() };
    customers::take_export(&console, &desk, (request, key)).await
}
