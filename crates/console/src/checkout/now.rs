//! `/console/carts/{id}/checkout-now`: staff complete an order in the customer's name (CA-7).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use kit::secret;
use proto::{
    base::v1::Money,
    carts::v1::{
        Cart, GetCartRequest, ListCartShippingMethodsRequest, SetContactRequest, SetShippingMethodRequest, Shipping,
    },
    customers::v1::{Customer, GetCustomerRequest},
    orders::v1::{CheckOutNowRequest, CheckoutOutcome, ListOpenGatewaysRequest, ViewCheckoutNowRequest},
};
use tonic::Status;

use super::{
    page::Purchase,
    pay::{CHANGED, Details, refusal},
};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Fact, Redacted, credit, price},
    visit::{SignedIn, once},
};

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "checkout/now.html")]
struct Page {
    frame: Frame,
    cart: String,
    customer: String,
    who: String,
    email: String,
    items: Vec<(u32, String, String)>,
    sums: Vec<(&'static str, String)>,
    total: String,
    ways: Vec<(String, String, bool)>,
    details: Details,
    credit: Vec<Fact>,
    open: Vec<String>,
    failure: String,
}

impl Page {
    fn takes(&self, gateway: &str) -> bool {
        self.open.iter().any(|open| open == gateway)
    }

    /// Whether there is any way to pay for somebody else.
    fn can_pay(&self) -> bool {
        self.takes("manual") || self.takes("test")
    }
}

/// A cart and its customer, as the reader may see them.
struct Sale {
    cart: Cart,
    customer: Customer,
    ways: Vec<Shipping>,
}

impl Sale {
    async fn find(console: &Console, desk: &SignedIn, id: &str) -> Result<Self, Problem> {
        let wanted = GetCartRequest { id: id.to_owned(), destinations: None };
        let cart = console.carts.clone().get_cart(desk.ask(wanted)).await?.into_inner();
        let wanted = GetCustomerRequest { id: cart.customer.clone() };
        let customer = console.customers.clone().get_customer(desk.ask(wanted)).await?.into_inner();
        let ways = if matches!(&*cart.shipping_state, "" | "not_needed") {
            Vec::new()
        } else {
            let wanted = ListCartShippingMethodsRequest { cart: cart.id.clone() };
            console.carts.clone().list_cart_shipping_methods(desk.ask(wanted)).await?.into_inner().methods
        };
        Ok(Self { cart, customer, ways })
    }

    fn money(&self, amount: i64) -> String {
        price(Some(&Money { amount, currency: self.cart.currency.clone() }))
    }

    fn ways(&self) -> Vec<(String, String, bool)> {
        let chosen = self.cart.shipping_method.as_ref().map(|shipping| &shipping.method);
        let way = |way: &Shipping| {
            (way.method.clone(), format!("{}, {}", way.name, self.money(way.price)), chosen == Some(&way.method))
        };
        self.ways.iter().map(way).collect()
    }

    /// The page with `details` in its form, and why it was not bought, if somebody tried.
    async fn page(self, (console, desk): (&Console, &SignedIn), details: Details, failure: String) -> Response {
        let request = ListOpenGatewaysRequest { store: self.cart.store.clone() };
        let open = console.gateways.clone().list_open_gateways(desk.visit.call(request)).await;
        let open = open.map(|found| found.into_inner().gateways.into_iter().map(|open| open.gateway).collect());
        let cart = &self.cart;
        let sums = [
            ("Discount", -cart.discount),
            ("Shipping", cart.shipping),
            ("Tax", cart.tax),
            ("Tax included", cart.included_tax),
        ];
        let page = Page {
            frame: Frame::of(&desk.visit),
            customer: cart.customer.clone(),
            who: self.customer.name.clone(),
            email: self.customer.email.clone(),
            items: cart
                .lines
                .iter()
                .map(|line| (line.quantity, line.name.clone(), self.money(line.subtotal)))
                .collect(),
            sums: sums.into_iter().filter(|sum| sum.1 != 0).map(|(name, sum)| (name, self.money(sum))).collect(),
            total: self.money(cart.total),
            ways: self.ways(),
            details: Details { total: cart.total, key: secret::token("now"), ..details },
            credit: credit(cart.attribution.as_ref(), &Redacted(&[])),
            open: open.unwrap_or_default(),
            failure,
            cart: cart.id.clone(),
        };
        let code = if page.failure.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        (code, page).into_response()
    }
}

/// `GET /console/carts/{id}/checkout-now`.
pub async fn show(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    // Whoever may not, or cannot, is told so before anybody's details are shown.
    check(&console, &desk, &id).await?;
    let sale = Sale::find(&console, &desk, &id).await?;
    let details = Details::of(&Purchase { cart: sale.cart.clone(), ways: Vec::new(), customer: sale.customer.clone() });
    Ok(sale.page((&console, &desk), details, String::new()).await)
}

/// Passes when the reader may check the cart out, and it can be.
async fn check(console: &Console, desk: &SignedIn, cart: &str) -> Result<(), Status> {
    let wanted = ViewCheckoutNowRequest { cart: cart.to_owned() };
    console.checkouts_now.clone().view_checkout_now(desk.ask(wanted)).await?;
    Ok(())
}

/// `POST /console/carts/{id}/checkout-now`.
pub async fn pay(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(details): Form<Details>,
) -> Result<Response, Problem> {
    let sale = Sale::find(&console, &desk, &id).await?;
    let failure = match order(&console, &desk, (&sale, &details)).await {
        Ok(None) => CHANGED.to_owned(),
        Ok(Some(outcome)) => match (&*outcome.status, outcome.order) {
            ("completed", Some(order)) => {
                return Ok(Redirect::to(&format!("/console/orders/{}", order.id)).into_response());
            }
            ("declined", _) => outcome.message,
            _ => "The payment is still being taken. Look here again in a minute.".to_owned(),
        },
        Err(status) => refusal(status)?,
    };
    // As it is now: somebody may have changed it meanwhile.
    let sale = Sale::find(&console, &desk, &id).await?;
    Ok(sale.page((&console, &desk), details, failure).await)
}

/// Pays it once, by this key; nothing when it costs something else than was shown.
async fn order(
    console: &Console,
    desk: &SignedIn,
    (sale, details): (&Sale, &Details),
) -> Result<Option<CheckoutOutcome>, Status> {
    let (gateway, method) = details.payment.gateway();
    let mut carts = console.carts.clone();
    let mut cart = sale.cart.clone();
    // Bought already, it is told how that went.
    if cart.status == "open" {
        if cart.total != details.total {
            return Ok(None);
        }
        // Nothing is written for who may not buy.
        check(console, desk, &cart.id).await?;
        let contact = details.contact(&sale.customer.email);
        let whose = SetContactRequest { cart: cart.id.clone(), contact: Some(contact) };
        cart = carts.set_contact(desk.ask(whose)).await?.into_inner();
        let chosen = cart.shipping_method.as_ref().is_some_and(|shipping| shipping.method == details.method);
        if !chosen && !details.method.is_empty() {
            let how = SetShippingMethodRequest { cart: cart.id.clone(), method: details.method.clone() };
            cart = carts.set_shipping_method(desk.ask(how)).await?.into_inner();
        }
        if cart.total != details.total {
            return Ok(None);
        }
    }
    let asked = format!("{} {gateway} {method}", cart.id);
    let (gateway, payment_method) = (gateway.to_owned(), method.to_owned());
    let request = CheckOutNowRequest { cart: cart.id, gateway, payment_method, expected_total: Some(details.total) };
    let mut request = once((&details.key, &asked), desk.ask(request));
    request.set_timeout(std::time::Duration::from_secs(9));
    Ok(Some(console.checkouts_now.clone().check_out_now(request).await?.into_inner()))
}
