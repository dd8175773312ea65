//! `GET /console/carts/{id}`: one cart, with what may be done with it (CA-4 to CA-8). What cannot be had beside it is named
//! or left out, and the cart is shown.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use kit::{ids::CartId, permission::Permission, secret};
use proto::{
    base::v1::Money,
    carts::v1::{Cart, GetCartRequest, ListCartShippingMethodsRequest, Shipping},
    customers::v1::{Customer, GetCustomerRequest},
};
use serde::Deserialize;

use super::{
    act::known,
    attribution::Credit,
    links::{self, Made},
    record::Record,
    refused::Refused,
    search::{self, Search},
};
use crate::{
    console::Console, customers::checkout_now, frame::Frame, part::Part, problem::Problem, show::price,
    staff::colleagues, visit::SignedIn,
};

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "carts/editor.html")]
struct Page {
    frame: Frame,
    cart: Record,
    role: String,
    /// Whether the reader may change it, and it can be changed.
    writes: bool,
    /// Whether the reader may change carts at all.
    may: bool,
    sees_pii: bool,
    /// Where it is checked out in its customer's name; empty where it cannot be.
    now: String,
    refused: Refused,
    search: Search,
    ways: Vec<Way>,
    /// The one that is chosen, `shpm_…`; empty while none is.
    chosen: String,
    links: Part<Vec<links::Row>>,
    made: Made,
    credit: Credit,
    /// Under which a link is made once.
    key: String,
}

/// A way to ship it.
struct Way {
    id: String,
    label: String,
}

/// What the page is asked for.
#[derive(Default)]
pub struct Asked {
    /// Products that are searched for.
    pub q: String,
    /// What was sent, and not done.
    pub refused: Refused,
    /// A link that was made.
    pub made: Made,
}

impl Page {
    /// Whether a link can be made: somebody has to be signed in by it, to buy something.
    fn has_links(&self) -> bool {
        self.writes && !self.cart.lines.is_empty() && !self.cart.customer.is_empty()
    }

    /// Whether why nothing was changed has to stand above everything, because its form is not there.
    fn is_refused_above(&self) -> bool {
        let mut forms = vec!["sku", "codes", "attribution"];
        forms.extend(self.has_links().then_some("links"));
        forms.extend((!self.ways.is_empty()).then_some("shipping"));
        forms.extend(self.cart.lines.iter().map(|line| line.id.as_str()));
        if let Some(Part::Shown(found)) = &self.search.found {
            forms.extend(found.rows.iter().map(|found| found.id.as_str()));
        }
        self.refused.is_of_none(if self.writes { &forms } else { &[] })
    }

    /// The way that is chosen, or was.
    fn way(&self) -> String {
        self.refused.typed("shipping", "method", &self.chosen)
    }
}

/// What stands in the address.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    q: String,
}

/// `GET /console/carts/{id}`.
pub async fn show(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Query(Wanted { q }): Query<Wanted>,
) -> Result<Response, Problem> {
    page((&console, &desk), known(&id)?, Asked { q, ..Asked::default() }).await
}

/// Whose it is, as far as the reader may see them and they can be had.
async fn owner(console: &Console, desk: &SignedIn, cart: &Cart) -> Option<Customer> {
    if cart.customer.is_empty() || !desk.session.may(Permission::CustomersRead) {
        return None;
    }
    let asked = desk.ask(GetCustomerRequest { id: cart.customer.clone() });
    Some(console.customers.clone().get_customer(asked).await.ok()?.into_inner())
}

/// The ways to ship it; none where they cannot be had.
async fn ways(console: &Console, desk: &SignedIn, cart: &Cart) -> Vec<Shipping> {
    if cart.status != "open" || matches!(&*cart.shipping_state, "" | "not_needed") {
        return Vec::new();
    }
    let asked = desk.ask(ListCartShippingMethodsRequest { cart: cart.id.clone() });
    let ways = console.carts.clone().list_cart_shipping_methods(asked).await;
    ways.map(|found| found.into_inner().methods).unwrap_or_default()
}

/// The cart as it is, with what was `asked` of it.
pub async fn page((console, desk): (&Console, &SignedIn), id: CartId, asked: Asked) -> Result<Response, Problem> {
    let wanted = desk.ask(GetCartRequest { id: id.into(), destinations: None });
    let cart = console.carts.clone().get_cart(wanted).await?.into_inner();
    let Asked { q, refused, made } = asked;
    let parts = async {
        tokio::join!(
            owner(console, desk, &cart),
            search::products(console, desk, &cart),
            ways(console, desk, &cart),
            links::list(console, desk, cart.id.clone()),
            Search::of(console, desk, (&cart, q)),
            colleagues::names(console, desk),
        )
    };
    let (owner, products, ways, links, search, names) = Box::pin(parts).await;
    let may = desk.session.may(Permission::CartsWrite);
    let page = Page {
        frame: Frame::of(&desk.visit),
        writes: may && cart.status == "open",
        may,
        sees_pii: desk.session.sees_pii(),
        role: desk.session.role(),
        now: checkout_now(&cart, &desk.session),
        search,
        ways: ways.iter().map(|way| Way::new(way, &cart.currency)).collect(),
        chosen: cart.shipping_method.as_ref().map(|way| way.method.clone()).unwrap_or_default(),
        links,
        made,
        credit: Credit::new(&cart, names, &desk.session),
        cart: Record::new(&cart, (owner.as_ref(), &products), &desk.session),
        key: secret::token("link"),
        refused,
    };
    Ok((page.refused.status, page).into_response())
}

impl Way {
    fn new(way: &Shipping, currency: &str) -> Self {
        let amount = price(Some(&Money { amount: way.price, currency: currency.to_owned() }));
        Self { id: way.method.clone(), label: format!("{}, {amount}", way.name) }
    }
}
