//! `GET /console/carts`: open carts, the newest first (CU-5).
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Query, State};
use proto::{
    base::v1::{Money, PageRequest},
    carts::v1::{Cart, ListCartsRequest},
};
use serde::Deserialize;

use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Moment, price, url},
    visit::SignedIn,
};

/// Address of the list.
const PATH: &str = "/console/carts";
/// Rows of a page.
const ROWS: u32 = 25;

/// Which page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Place {
    after: String,
    before: String,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "customers/open_carts.html")]
pub struct Page {
    frame: Frame,
    rows: Vec<Row>,
    previous: String,
    next: String,
}

struct Row {
    customer: String,
    who: String,
    lines: Vec<(u32, String)>,
    store: String,
    total: String,
    changed: Option<Moment>,
}

impl Row {
    fn new(cart: Cart, desk: &SignedIn) -> Self {
        let total = Money { amount: cart.total, currency: cart.currency };
        let contact = cart.contact.unwrap_or_default();
        let named = [contact.name, contact.email].into_iter().find(|text| !text.is_empty());
        Self {
            who: named.unwrap_or_else(|| "Somebody".to_owned()),
            store: desk.session.store_name(&cart.store),
            total: if total.currency.is_empty() { "–".to_owned() } else { price(Some(&total)) },
            lines: cart.lines.into_iter().map(|line| (line.quantity, line.name)).collect(),
            changed: Moment::new(cart.updated_at.as_ref(), desk.session.zone),
            customer: cart.customer,
        }
    }
}

/// `GET /console/carts`.
pub async fn open(
    State(console): State<Console>,
    desk: SignedIn,
    Query(Place { after, before }): Query<Place>,
) -> Result<Page, Problem> {
    let page = Some(PageRequest { limit: ROWS, after, before, total: false });
    let request = ListCartsRequest { status: "open".to_owned(), page, ..ListCartsRequest::default() };
    let found = console.carts.clone().list_carts(desk.ask(request)).await?.into_inner();
    let place = found.page.unwrap_or_default();
    let link = |name: &str, cursor: &str| if cursor.is_empty() { String::new() } else { url(PATH, &[(name, cursor)]) };
    Ok(Page {
        frame: Frame::of(&desk.visit),
        rows: found.carts.into_iter().map(|cart| Row::new(cart, &desk)).collect(),
        previous: link("before", &place.prev),
        next: link("after", &place.next),
    })
}
