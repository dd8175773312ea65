//! `GET /console/orders`: all of them, newest first, narrowed down by number, states and days (OR-2).
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
    orders::v1::{ListOrdersRequest, Order},
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
const PATH: &str = "/console/orders";
/// Rows of a page.
const ROWS: u32 = 25;

/// Which of them, and which page.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// A number, or how it begins.
    q: String,
    status: String,
    payment: String,
    fulfilment: String,
    /// The first and the last day that they were placed on.
    from: String,
    to: String,
    after: String,
    before: String,
}

impl Wanted {
    fn request(&self, zone: Tz) -> Result<ListOrdersRequest, Problem> {
        let query = query::Query::default()
            .is("status", &self.status)
            .is("payment_status", &self.payment)
            .is("fulfilment_status", &self.fulfilment)
            .within("placed_at", [&self.from, &self.to], zone)?;
        Ok(ListOrdersRequest {
            query: self.q.clone(),
            filter: query.filter(),
            page: Some(PageRequest {
                limit: ROWS,
                after: self.after.clone(),
                before: self.before.clone(),
                total: true,
            }),
            ..ListOrdersRequest::default()
        })
    }

    /// What narrows the list down, for a form.
    fn fields(&self) -> [(&str, &str); 6] {
        [
            ("q", &self.q),
            ("status", &self.status),
            ("payment", &self.payment),
            ("fulfilment", &self.fulfilment),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    fn is_narrowed(&self) -> bool {
        self.fields().iter().any(|(_, value)| !value.is_empty())
    }

    /// Address of the same orders behind or before a cursor; empty without one.
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
#[template(path = "orders/list.html")]
pub struct Page {
    frame: Frame,
    wanted: Wanted,
    rows: Vec<Row>,
    summary: String,
    previous: String,
    next: String,
    /// What the reader's next export is known by; empty when they may take nothing away.
    key: String,
}

struct Row {
    id: String,
    number: String,
    who: String,
    store: String,
    placed: Option<Moment>,
    states: [Badge; 3],
    total: String,
}

impl Row {
    fn new(order: Order, desk: &SignedIn) -> Self {
        let named = [order.name, order.email].into_iter().find(|text| !text.is_empty());
        Self {
            id: order.id,
            number: order.number,
            who: named.unwrap_or_else(|| "Somebody".to_owned()),
            store: desk.session.store_name(&order.store),
            placed: Moment::new(order.placed_at.as_ref(), desk.session.zone),
            states: [&order.status, &order.payment_status, &order.fulfilment_status].map(|slug| Badge::new(slug)),
            total: price(order.total.as_ref()),
        }
    }
}

/// `GET /console/orders`.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Page, Problem> {
    let asked = desk.ask(wanted.request(desk.session.zone)?);
    let found = console.orders.clone().list_orders(asked).await?.into_inner();
    let place = found.page.unwrap_or_default();
    let noun = if place.total == "1" { "order" } else { "orders" };
    let exports = desk.session.may(Permission::ExportsCreate);
    Ok(Page {
        frame: Frame::of(&desk.visit),
        rows: found.orders.into_iter().map(|order| Row::new(order, &desk)).collect(),
        summary: format!("{} {noun}", label::count(&place.total)),
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

/// `POST /console/orders/export`: the list as it is narrowed down, as a file (EX-1).
pub async fn export(
    State(console): State<Console>,
    desk: SignedIn,
    Form(File { format, key, wanted }): Form<File>,
) -> Result<Response, Problem> {
    let ListOrdersRequest { query, filter, .. } = wanted.request(desk.session.zone)?;
    let r#type = "orders".to_owned();
    let request = RequestExportRequest { r#type, format, filter, query, ..RequestExportRequest::default() };
    customers::take_export(&console, &desk, (request, key)).await
}

#[cfg(test)]
mod tests {
    use proto::base::v1::filter::Node;

    use super::*;

    /// OR-2: what the form asks for is what the service is asked for, by days of the store; pages keep it.
    #[test]
    fn orders_are_narrowed_down() {
        let text = str::to_owned;
        let wanted = Wanted {
            q: text("10"),
            payment: text("paid"),
            fulfilment: text("partial"),
            to: text("2026-03-02"),
            ..Wanted::default()
        };
        let Ok(request) = wanted.request(Tz::Europe__Berlin) else { panic!("a request") };
        let Some(Node::And(list)) = request.filter.and_then(|filter| filter.node) else { panic!("no filter") };
        let told = list.filters.into_iter().filter_map(|filter| match filter.node {
            Some(Node::Condition(one)) => Some(format!("{} {} {}", one.field, one.op, one.values.join(","))),
            _ => None,
        });
        let expected =
            ["payment_status eq paid", "fulfilment_status eq partial", "placed_at lt 2026-03-02T23:00:00+00:00"];
        assert_eq!((request.query, told.collect::<Vec<_>>()), (text("10"), expected.map(text).to_vec()));
        let link = wanted.link("after", "c");
        assert_eq!(link, "/console/orders?q=10&payment=paid&fulfilment=partial&to=2026-03-02&after=c");
        assert!(wanted.is_narrowed() && !Wanted::default().is_narrowed());
    }
}
