//! `GET /console/orders/{id}`: one order, with what may be done with it (OR-2, OR-4, OR-5).
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use kit::{permission::Permission, secret};
use proto::orders::v1::{GetOrderRequest, ListReceiptsRequest, Order};

use super::{
    links::{self, Row},
    payment_links, receipts,
    record::{Can, Record},
};
use crate::{console::Console, frame::Frame, problem::Problem, visit::SignedIn};

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "orders/detail.html")]
pub struct Page {
    frame: Frame,
    order: Record,
    role: String,
    /// What the reader may do with the order as it is.
    can: Can,
    /// Under which a refund is done once.
    key: String,
    failure: String,
    /// Links for others to look at it.
    links: Vec<Row>,
    /// What was issued for it.
    receipts: Vec<receipts::Row>,
    /// Whether the reader may make and revoke them.
    may_link: bool,
    /// Address of one that was made just now.
    made: String,
    /// Links by which it is paid.
    payment_links: Vec<Row>,
    /// Whether something is due.
    is_due: bool,
    /// Address of a payment link that was made just now.
    payable: String,
}

impl Page {
    /// The same, with the address of a link that was made just now.
    pub(super) fn with_link(self, made: String) -> Self {
        Self { made, ..self }
    }

    /// The same, with the address of a payment link that was made just now.
    pub(super) fn with_payment_link(self, payable: String) -> Self {
        Self { payable, ..self }
    }
}

/// `GET /console/orders/{id}`.
pub async fn detail(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Page, Problem> {
    page(&console, &desk, &id, String::new()).await
}

/// The order as the reader may see it.
pub(super) async fn order(console: &Console, desk: &SignedIn, id: &str) -> Result<Order, Problem> {
    Ok(console.orders.clone().get_order(desk.ask(GetOrderRequest { id: id.to_owned() })).await?.into_inner())
}

/// The page, with why the last thing was not done.
pub(super) async fn page(console: &Console, desk: &SignedIn, id: &str, failure: String) -> Result<Page, Problem> {
    let asked = desk.ask(ListReceiptsRequest { order: id.to_owned() });
    let (order, links, payment_links, receipts) = tokio::join!(
        order(console, desk, id),
        links::list(console, desk, id),
        payment_links::list(console, desk, id),
        receipts::all(console, asked, desk.session.zone),
    );
    let order = order?;
    let is_due = order.payment_status == "pending" && matches!(&*order.status, "placed" | "completed");
    let (writes, refunds) = (desk.session.may(Permission::OrdersWrite), desk.session.may(Permission::OrdersRefund));
    Ok(Page {
        frame: Frame::of(&desk.visit),
        can: Can::of(&order, writes, refunds),
        order: Record::new(order, &desk.session),
        role: desk.session.role(),
        key: secret::token("refund"),
        failure,
        links,
        receipts,
        may_link: writes,
        made: String::new(),
        payment_links,
        is_due,
        payable: String::new(),
    })
}
