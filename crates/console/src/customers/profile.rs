//! `GET /console/customers/{id}`: everything about one customer in one place (CU-7). Parts that cannot be had are
//! named, and the rest is shown.
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use futures_util::future;
use kit::{permission::Permission, secret};
use proto::{
    base::v1::{Money, PageRequest},
    carts::v1::{Cart, ListCartsRequest},
    customers::v1::GetCustomerRequest,
    notifications::v1::{ListMessagesRequest, Message},
    orders::v1::{ListOrdersRequest, Order},
};

use super::{head::Head, record::Record};
use crate::{
    console::Console,
    frame::Frame,
    part::{Newest, Part},
    problem::Problem,
    show::{Badge, Moment, Redacted, label, price},
    staff::Session,
    visit::SignedIn,
};

/// Rows of each part.
const ROWS: u32 = 25;

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "customers/profile.html")]
pub struct Page {
    frame: Frame,
    head: Head,
    record: Record,
    role: String,
    /// Why tags were not changed.
    failure: String,
    orders: Part<Newest<OrderRow>>,
    carts: Part<Newest<CartRow>>,
    /// Under which a cart is opened once; empty where the reader may open none.
    cart_key: String,
    /// Whether a store has to be chosen first, to open it in.
    storeless: bool,
    /// Why none was opened.
    cart_failure: String,
    messages: Part<Newest<MessageRow>>,
}

struct OrderRow {
    id: String,
    number: String,
    placed: Option<Moment>,
    store: String,
    status: Badge,
    payment: Badge,
    items: u32,
    total: String,
}

struct CartRow {
    id: String,
    status: Badge,
    store: String,
    lines: Vec<(u32, String)>,
    total: String,
    changed: Option<Moment>,
    order: String,
    /// Where it is checked out in their name; empty where it cannot be.
    now: String,
}

/// A message that was sent.
pub struct MessageRow {
    pub(crate) channel: String,
    pub(crate) subject: String,
    pub(crate) to: String,
    pub(crate) masked: bool,
    pub(crate) status: Badge,
    /// Why it was given up, in words; empty unless it was.
    pub(crate) failure: String,
    pub(crate) created: Option<Moment>,
}

/// `GET /console/customers/{id}`.
pub async fn profile(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Page, Problem> {
    page(&console, &desk, id, String::new()).await
}

/// The page, with why what was sent was not done.
pub async fn page(console: &Console, desk: &SignedIn, id: String, failure: String) -> Result<Page, Problem> {
    let session = &desk.session;
    let page = || Some(PageRequest { limit: ROWS, ..PageRequest::default() });
    let (mut customers, mut orders) = (console.customers.clone(), console.orders.clone());
    let (mut carts, mut messages) = (console.carts.clone(), console.messages.clone());
    let ordered = ListOrdersRequest { customer: id.clone(), page: page(), ..ListOrdersRequest::default() };
    let carted = ListCartsRequest { customer: id.clone(), page: page(), ..ListCartsRequest::default() };
    let sent = ListMessagesRequest { customer: id.clone(), page: page(), ..ListMessagesRequest::default() };
    let (customer, orders, carts, messages) = future::join4(
        customers.get_customer(desk.ask(GetCustomerRequest { id: id.clone() })),
        Part::load(desk, Permission::OrdersRead, orders.list_orders(desk.ask(ordered)), |answer| {
            Newest::new(answer.orders.into_iter().map(|order| OrderRow::new(order, session)), answer.page.as_ref())
        }),
        Part::load(desk, Permission::CartsRead, carts.list_carts(desk.ask(carted)), |answer| {
            Newest::new(answer.carts.into_iter().map(|cart| CartRow::new(cart, session)), answer.page.as_ref())
        }),
        Part::load(desk, Permission::MessagesRead, messages.list_messages(desk.ask(sent)), |answer| {
            Newest::new(
                answer.messages.into_iter().map(|message| MessageRow::new(message, session)),
                answer.page.as_ref(),
            )
        }),
    )
    .await;
    let customer = customer?.into_inner();
    let (head, record) = (Head::new(&customer, session, ""), Record::new(&customer, session.zone));
    Ok(Page {
        frame: Frame::of(&desk.visit),
        head,
        record,
        role: session.role(),
        failure,
        orders,
        carts,
        cart_key: if session.may(Permission::CartsWrite) { secret::token("cart") } else { String::new() },
        storeless: session.actor.store.is_none(),
        cart_failure: String::new(),
        messages,
    })
}

impl Page {
    /// The same, with why no cart was opened.
    pub fn without_cart(self, cart_failure: String) -> Self {
        Self { cart_failure, ..self }
    }
}

impl OrderRow {
    fn new(order: Order, session: &Session) -> Self {
        Self {
            placed: Moment::new(order.placed_at.as_ref().or(order.created_at.as_ref()), session.zone),
            store: session.store_name(&order.store),
            status: Badge::new(&order.status),
            payment: Badge::new(&order.payment_status),
            items: order.lines.iter().map(|line| line.quantity).fold(0, u32::saturating_add),
            total: price(order.total.as_ref()),
            id: order.id,
            number: order.number,
        }
    }
}

impl CartRow {
    fn new(cart: Cart, session: &Session) -> Self {
        let now = super::carts::checkout_now(&cart, session);
        let total = Money { amount: cart.total, currency: cart.currency };
        Self {
            status: Badge::new(&cart.status),
            store: session.store_name(&cart.store),
            total: if total.currency.is_empty() { "–".to_owned() } else { price(Some(&total)) },
            lines: cart.lines.into_iter().map(|line| (line.quantity, line.name)).collect(),
            changed: Moment::new(cart.updated_at.as_ref(), session.zone),
            order: cart.order,
            id: cart.id,
            now,
        }
    }
}

impl MessageRow {
    /// `message` for whoever has `session`.
    pub fn new(message: Message, session: &Session) -> Self {
        let template = label::words(&message.template);
        Self {
            channel: label::channel(&message.channel),
            subject: if message.subject.is_empty() { template } else { message.subject },
            masked: Redacted(&message.redacted).has("to"),
            to: message.to,
            status: Badge::new(&message.status),
            failure: label::words(&message.failure),
            created: Moment::new(message.created_at.as_ref(), session.zone),
        }
    }
}
