//! `GET /console/customers/duplicates`: records that are likely to be of the same person (CU-14).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use proto::{
    base::v1::PageRequest,
    customers::v1::{Customer, Duplicate, ListDuplicatesRequest},
};
use serde::Deserialize;

use super::row::title;
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Moment, label},
    visit::SignedIn,
};

/// Rows of a page.
const ROWS: u32 = 25;

/// Which page.
#[derive(Deserialize)]
pub struct Place {
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
}

/// One of the two.
struct Person {
    id: String,
    title: String,
    email: String,
    phone: String,
    orders: i64,
}

struct Pair {
    /// The older one first.
    people: [Person; 2],
    reasons: String,
    found: Option<Moment>,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/duplicates.html")]
struct Page {
    frame: Frame,
    pairs: Vec<Pair>,
    previous: String,
    next: String,
}

impl Person {
    fn new(customer: Option<Customer>) -> Self {
        let customer = customer.unwrap_or_default();
        Self {
            title: title(&customer),
            email: customer.email,
            phone: customer.phone,
            orders: customer.orders_count,
            id: customer.id,
        }
    }
}

/// `GET /console/customers/duplicates`.
pub async fn list(
    State(console): State<Console>,
    desk: SignedIn,
    Query(Place { after, before }): Query<Place>,
) -> Result<Response, Problem> {
    let page = Some(PageRequest { limit: ROWS, after, before, total: false });
    let found =
        console.duplicates.clone().list_duplicates(desk.ask(ListDuplicatesRequest { page })).await?.into_inner();
    let place = found.page.unwrap_or_default();
    let pair = |pair: Duplicate| {
        let reasons: Vec<_> = pair.reasons.iter().map(|reason| label::words(reason)).collect();
        Pair {
            reasons: reasons.join(", "),
            found: Moment::new(pair.found_at.as_ref(), desk.session.zone),
            people: [pair.one, pair.other].map(Person::new),
        }
    };
    let page = Page {
        pairs: found.duplicates.into_iter().map(pair).collect(),
        frame: Frame::of(&desk.visit),
        previous: place.prev,
        next: place.next,
    };
    Ok(page.into_response())
}
