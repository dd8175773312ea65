//! `GET /console/orders/{id}`: one order, to be read (OR-2, OR-4).
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use proto::orders::v1::GetOrderRequest;

use super::record::Record;
use crate::{console::Console, frame::Frame, problem::Problem, visit::SignedIn};

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "orders/detail.html")]
pub struct Page {
    frame: Frame,
    order: Record,
    role: String,
}

/// `GET /console/orders/{id}`.
pub async fn detail(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Page, Problem> {
    let order = console.orders.clone().get_order(desk.ask(GetOrderRequest { id })).await?.into_inner();
    let order = Record::new(order, &desk.session);
    Ok(Page { frame: Frame::of(&desk.visit), order, role: desk.session.role() })
}
