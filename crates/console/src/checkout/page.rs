//! The check-out page: what is bought, and who buys it, filled in.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use proto::{
    base::v1::Money,
    carts::v1::{Cart, ListCartShippingMethodsRequest, Shipping},
    customers::v1::{Customer, GetCustomerRequest},
    orders::v1::{GetOrderRequest, ListOpenGatewaysRequest},
};
use serde::Deserialize;

use super::{
    link::Dead,
    pay::{Details, Payment},
    shopper::Shopper,
};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{price, recipient},
    visit::Visit,
};

#[derive(Template, WebTemplate)]
#[template(path = "checkout/page.html")]
struct Page {
    frame: Frame,
    store: String,
    items: Vec<Item>,
    /// Discount, shipping and tax: only what there is.
    sums: Vec<(&'static str, String)>,
    total: String,
    /// Ways to ship it; none where nothing is shipped.
    ways: Vec<Way>,
    email: String,
    details: Details,
    failure: String,
    /// Gateways that it can be paid by.
    open: Vec<String>,
}

#[derive(Template, WebTemplate)]
#[template(path = "checkout/done.html")]
struct Done {
    frame: Frame,
    store: String,
    /// The order's number; empty while it is not known.
    number: String,
    email: String,
    total: String,
}

impl Page {
    /// Whether it can be paid by this gateway.
    fn takes(&self, gateway: &str) -> bool {
        self.open.iter().any(|open| open == gateway)
    }
}

/// A line of the cart.
struct Item {
    name: String,
    quantity: u32,
    subtotal: String,
    available: bool,
    /// Whom it is for; empty of what is no gift.
    to: String,
}

/// A way to ship it.
struct Way {
    id: String,
    label: String,
    chosen: bool,
}

/// A cart at the check-out, and whose it is.
pub struct Purchase {
    /// The cart.
    pub cart: Cart,
    /// Ways to ship it.
    pub ways: Vec<Shipping>,
    /// Its customer.
    pub customer: Customer,
}

impl Purchase {
    /// What `shopper` is about to buy; `None` when the cart is gone, or no longer theirs.
    pub async fn find(console: &Console, visit: &Visit, shopper: &Shopper) -> Result<Option<Self>, Problem> {
        let Some(cart) = shopper.cart(console, visit).await? else { return Ok(None) };
        // Guests have no profile of their own to read (ID-8); whoever has the link may see what it fills in.
        let request = visit.call(GetCustomerRequest { id: cart.customer.clone() });
        let customer = console.customers.clone().get_customer(request).await?.into_inner();
        let ways = if matches!(&*cart.shipping_state, "" | "not_needed") {
            Vec::new()
        } else {
            ways(console, visit, &cart).await?
        };
        Ok(Some(Self { cart, ways, customer }))
    }

    /// What is added to the items and taken off them.
    fn sums(&self) -> Vec<(&'static str, String)> {
        let cart = &self.cart;
        let known = [("Discount", -cart.discount), ("Shipping", cart.shipping), ("Tax", cart.tax)];
        let sums = known.into_iter().chain([("Tax included", cart.included_tax)]).filter(|(_, amount)| *amount != 0);
        sums.map(|(name, amount)| (name, self.money(amount))).collect()
    }

    fn choices(&self) -> Vec<Way> {
        let chosen = self.cart.shipping_method.as_ref().map(|shipping| &shipping.method);
        let way = |way: &Shipping| Way {
            id: way.method.clone(),
            label: format!("{}, {}", way.name, self.money(way.price)),
            chosen: chosen == Some(&way.method),
        };
        self.ways.iter().map(way).collect()
    }

    fn money(&self, amount: i64) -> String {
        price(Some(&Money { amount, currency: self.cart.currency.clone() }))
    }

    fn items(&self) -> Vec<Item> {
        let item = |line: &proto::carts::v1::Line| Item {
            name: line.name.clone(),
            quantity: line.quantity,
            subtotal: self.money(line.subtotal),
            available: line.available,
            to: recipient(line.gift.as_ref()),
        };
        self.cart.lines.iter().map(item).collect()
    }

    async fn store(&self, console: &Console) -> String {
        let Ok(id) = self.cart.store.parse() else { return String::new() };
        console.stores.get(id).await.map(|store| store.name.clone()).unwrap_or_default()
    }

    /// Gateways that it can be paid by; all that need no keys while that is not known.
    async fn open(&self, console: &Console, visit: &Visit) -> Vec<String> {
        let request = visit.call(ListOpenGatewaysRequest { store: self.cart.store.clone() });
        match console.gateways.clone().list_open_gateways(request).await {
            Ok(found) => found.into_inner().gateways.into_iter().map(|open| open.gateway).collect(),
            Err(error) => {
                tracing::warn!(error.detail = %error.message(), "the gateways of a store cannot be had");
                ["test", "manual"].map(str::to_owned).to_vec()
            }
        }
    }

    /// The page with `details` in its form, and why it was not bought, if somebody tried.
    pub async fn page(self, (console, visit): (&Console, &Visit), details: Details, failure: String) -> Response {
        let details = Details { total: self.cart.total, ..details };
        let (store, items, total) = (self.store(console).await, self.items(), self.money(self.cart.total));
        let (sums, ways) = (self.sums(), self.choices());
        let code = if failure.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let open = self.open(console, visit).await;
        let email = self.customer.email;
        let frame = Frame::of(visit);
        (code, Page { frame, store, items, sums, total, ways, email, details, failure, open }).into_response()
    }

    /// The number of the order that the cart became; empty while it is not known.
    async fn number(&self, (console, visit): (&Console, &Visit), shopper: &Shopper) -> String {
        let request = shopper.sign(visit.call(GetOrderRequest { id: self.cart.order.clone() }));
        let order = console.orders.clone().get_order(request).await;
        order.map(|order| order.into_inner().number).unwrap_or_default()
    }

    /// The page of a cart that was bought.
    pub async fn done(self, (console, visit): (&Console, &Visit), number: String) -> Response {
        let (store, total) = (self.store(console).await, self.money(self.cart.total));
        Done { frame: Frame::of(visit), store, number, email: self.customer.email, total }.into_response()
    }
}

/// The ways to ship `cart`, asked for in the house's own name as the cart is.
async fn ways(console: &Console, visit: &Visit, cart: &Cart) -> Result<Vec<Shipping>, Problem> {
    let request = visit.call(ListCartShippingMethodsRequest { cart: cart.id.clone() });
    Ok(console.carts.clone().list_cart_shipping_methods(request).await?.into_inner().methods)
}

/// What somebody is told who is back before it is known whether they paid.
const BACK: &str = "If you have paid, this page knows in a moment: look again. Otherwise choose how to pay.";

/// Whether somebody comes back from a gateway's page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Back {
    back: String,
}

/// `GET /checkout`.
pub async fn show(
    visit: Visit,
    State(console): State<Console>,
    Query(back): Query<Back>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(shopper) = Shopper::find(&console, &visit, &headers).await? else { return Ok(Dead::page(&visit)) };
    let Some(purchase) = Purchase::find(&console, &visit, &shopper).await? else { return Ok(Dead::page(&visit)) };
    Ok(match &*purchase.cart.status {
        "closed" => {
            let number = purchase.number((&console, &visit), &shopper).await;
            purchase.done((&console, &visit), number).await
        }
        "open" => {
            let details = Details::of(&purchase);
            // Whoever comes back from a gateway's page may be here before its word.
            let note = if back.back == "yes" { BACK } else { "" };
            purchase.page((&console, &visit), details, note.to_owned()).await
        }
        _ => Dead::page(&visit),
    })
}
