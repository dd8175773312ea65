//! `GET /console/carts`: open carts, for remarketing and service (CA-3, CU-5).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Query, State},
    response::Response,
};
use chrono_tz::Tz;
use kit::permission::Permission;
use proto::{
    base::v1::{Condition, Filter, FilterList, Money, PageRequest, filter::Node},
    carts::v1::{Cart, ListCartsRequest},
    customers::v1::RequestExportRequest,
};
use serde::Deserialize;

use super::exports;
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Fact, Moment, Redacted, credit, price, span, url},
    staff::Session,
    visit::SignedIn,
};

/// Address of the list.
const PATH: &str = "/console/carts";
/// Rows of a page.
const ROWS: u32 = 25;

/// Which carts, and which page of them.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// `abandoned`, `active`, or nothing for both.
    state: String,
    /// `prd_…` that is in it.
    product: String,
    /// The first and the last day that they were opened on.
    from: String,
    to: String,
    sort: String,
    after: String,
    before: String,
}

impl Wanted {
    /// The same as the service takes it; days are those of `zone`.
    fn request(&self, zone: Tz) -> Result<ListCartsRequest, Problem> {
        let mut filters = Vec::new();
        let mut test = |field: &str, op: &str, value: String| {
            let condition = Condition { field: field.to_owned(), op: op.to_owned(), values: vec![value] };
            filters.push(Filter { node: Some(Node::Condition(condition)) });
        };
        match self.state.as_str() {
            "abandoned" => test("abandoned", "eq", "true".to_owned()),
            "active" => test("abandoned", "eq", "false".to_owned()),
            _ => {}
        }
        if !self.product.is_empty() {
            test("product", "eq", self.product.clone());
        }
        let [start, end] = span([&self.from, &self.to], zone)?;
        for (op, at) in [("gte", start), ("lt", end)] {
            if let Some(at) = at {
                test("created_at", op, at.to_rfc3339());
            }
        }
        let page = PageRequest { limit: ROWS, after: self.after.clone(), before: self.before.clone(), total: false };
        Ok(ListCartsRequest {
            status: "open".to_owned(),
            filter: (!filters.is_empty()).then_some(Filter { node: Some(Node::And(FilterList { filters })) }),
            sort: Some(self.sort.clone()).filter(|sort| !sort.is_empty()).into_iter().collect(),
            page: Some(page),
            ..ListCartsRequest::default()
        })
    }

    /// Address of the same carts behind or before a cursor; empty without one.
    fn link(&self, name: &str, cursor: &str) -> String {
        if cursor.is_empty() {
            return String::new();
        }
        let kept = self.fields().into_iter().chain([("sort", &*self.sort)]).filter(|(_, value)| !value.is_empty());
        let all: Vec<(&str, &str)> = kept.chain([(name, cursor)]).collect();
        url(PATH, &all)
    }

    /// What narrows the list down, for a form.
    fn fields(&self) -> [(&str, &str); 4] {
        [("state", &self.state), ("product", &self.product), ("from", &self.from), ("to", &self.to)]
    }

    /// Whether anything narrows the list down.
    fn is_narrowed(&self) -> bool {
        [&self.state, &self.product, &self.from, &self.to].iter().any(|value| !value.is_empty())
    }
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "customers/open_carts.html")]
pub struct Page {
    frame: Frame,
    query: Wanted,
    rows: Vec<Row>,
    previous: String,
    next: String,
    /// Whether the reader may change carts.
    writes: bool,
    /// What the reader's next export is known by; empty when they may take nothing away.
    key: String,
}

struct Row {
    id: String,
    customer: String,
    who: String,
    lines: Vec<(u32, String)>,
    store: String,
    total: String,
    changed: Option<Moment>,
    abandoned: bool,
    /// Who and what brought it about.
    credit: Vec<Fact>,
    /// Where it is checked out in the customer's name; empty where it cannot be.
    now: String,
}

impl Row {
    fn new(cart: Cart, desk: &SignedIn) -> Self {
        let now = checkout_now(&cart, &desk.session);
        let total = Money { amount: cart.total, currency: cart.currency };
        let contact = cart.contact.unwrap_or_default();
        let named = [contact.name, contact.email].into_iter().find(|text| !text.is_empty());
        Self {
            who: named.unwrap_or_else(|| "Somebody".to_owned()),
            store: desk.session.store_name(&cart.store),
            total: if total.currency.is_empty() { "–".to_owned() } else { price(Some(&total)) },
            lines: cart.lines.into_iter().map(|line| (line.quantity, line.name)).collect(),
            changed: Moment::new(cart.updated_at.as_ref(), desk.session.zone),
            abandoned: cart.abandoned_at.is_some(),
            credit: credit(cart.attribution.as_ref(), &Redacted(&[])),
            now,
            id: cart.id,
            customer: cart.customer,
        }
    }
}

/// Where `cart` is checked out in its customer's name (CA-7); empty where it cannot be, or not by this reader.
pub fn checkout_now(cart: &Cart, session: &Session) -> String {
    let may = session.may(Permission::CartsWrite) && session.sees_pii();
    let can = cart.status == "open" && !cart.lines.is_empty() && !cart.customer.is_empty();
    if may && can { format!("{PATH}/{}/checkout-now", cart.id) } else { String::new() }
}

/// `GET /console/carts`.
pub async fn open(
    State(console): State<Console>,
    desk: SignedIn,
    Query(query): Query<Wanted>,
) -> Result<Page, Problem> {
    let request = desk.ask(query.request(desk.session.zone)?);
    let found = console.carts.clone().list_carts(request).await?.into_inner();
    let place = found.page.unwrap_or_default();
    Ok(Page {
        frame: Frame::of(&desk.visit),
        rows: found.carts.into_iter().map(|cart| Row::new(cart, &desk)).collect(),
        writes: desk.session.may(Permission::CartsWrite),
        key: if desk.session.may(Permission::ExportsCreate) { exports::key(&console) } else { String::new() },
        previous: query.link("before", &place.prev),
        next: query.link("after", &place.next),
        query,
    })
}

/// What is to be written.
#[derive(Deserialize)]
pub struct File {
    format: String,
    key: String,
    #[serde(flatten)]
    query: Wanted,
}

/// `POST /console/carts/export`: the list as it is narrowed down, as a file (EX-1).
pub async fn export(
    State(console): State<Console>,
    desk: SignedIn,
    Form(File { format, key, query }): Form<File>,
) -> Result<Response, Problem> {
    let filter = query.request(desk.session.zone)?.filter;
    let r#type = "open_carts".to_owned();
    let request = RequestExportRequest { r#type, format, filter, ..RequestExportRequest::default() };
    exports::take(&console, &desk, (request, key)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CA-3: what the form asks for is what the service is asked for, by days of the store; pages keep it.
    #[test]
    fn carts_are_narrowed_down() {
        let text = str::to_owned;
        let day = || text("2026-03-02");
        let wanted =
            Wanted { state: text("abandoned"), from: day(), to: day(), sort: text("created_at"), ..Wanted::default() };
        let Ok(request) = wanted.request(Tz::Europe__Berlin) else { panic!("a request") };
        let Some(Node::And(list)) = request.filter.and_then(|filter| filter.node) else { panic!("no filter") };
        let told = list.filters.into_iter().filter_map(|filter| match filter.node {
            Some(Node::Condition(one)) => Some(format!("{} {} {}", one.field, one.op, one.values.join(","))),
            _ => None,
        });
        let expected = [
            "abandoned eq true",
            "created_at gte 2026-03-01T23:00:00+00:00",
            "created_at lt 2026-03-02T23:00:00+00:00",
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        assert_eq!((request.status.as_str(), request.sort), ("open", vec![text("created_at")]));
        let next = "/console/carts?state=abandoned&from=2026-03-02&to=2026-03-02&sort=created_at&after=c";
        assert_eq!((wanted.link("after", "c").as_str(), wanted.link("after", "").as_str()), (next, ""));
        assert!(Wanted { from: text("yesterday"), ..Wanted::default() }.request(Tz::UTC).is_err());
        assert!(wanted.is_narrowed() && !Wanted::default().is_narrowed());
    }
}
