//! What a shopper bought, in every store of theirs, with receipts to take away (PO-1, OR-2, OR-6).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono_tz::Tz;
use proto::{
    base::v1::PageRequest,
    orders::v1::{GetOrderRequest, ListOrdersRequest, ListReceiptsRequest, Order},
};

use super::{
    guest::Guest,
    pay::{self, Way},
    tickets::{Away, Place, guest, named, stores},
};
use crate::{
    console::Console,
    frame::Frame,
    orders::receipts,
    show::{Badge, Moment, price, recipient, url},
    visit::Visit,
};

/// Orders of a page.
const ROWS: u32 = 25;
/// Where the list is.
const PATH: &str = "/account/orders";
/// Times are shown in UTC: where a shopper is nobody knows.
const ZONE: Tz = Tz::UTC;

struct Row {
    id: String,
    number: String,
    store: String,
    placed: Option<Moment>,
    status: Badge,
    total: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "portal/orders.html")]
struct List {
    frame: Frame,
    rows: Vec<Row>,
    older: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "portal/order.html")]
struct Page {
    frame: Frame,
    order: Row,
    /// Status, payment, fulfilment: each with its name.
    states: Vec<(&'static str, Badge)>,
    /// Name, how many, what they cost together, and whom it is for.
    lines: Vec<(String, u32, String, String)>,
    /// Discount, shipping, tax: only what there is.
    sums: Vec<(&'static str, String)>,
    /// Who carries it and its number, and a page to follow it on.
    parcels: Vec<(String, String)>,
    receipts: Vec<receipts::Row>,
    /// How what is due can be paid; none when nothing is.
    ways: Vec<Way>,
    /// Why it was not paid.
    failure: String,
}

impl Row {
    fn new(order: &Order, store: String) -> Self {
        Self {
            id: order.id.clone(),
            number: order.number.clone(),
            store,
            placed: Moment::new(order.placed_at.as_ref(), ZONE),
            status: Badge::new(&order.status),
            total: price(order.total.as_ref()),
        }
    }
}

/// `GET /account/orders`.
pub async fn list(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Query(place): Query<Place>,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    let stores = stores(&console, &visit, &guest).await?;
    let page = Some(PageRequest { limit: ROWS, after: place.after, ..PageRequest::default() });
    let asked = guest.sign(visit.call(ListOrdersRequest { page, ..ListOrdersRequest::default() }));
    let found = console.orders.clone().list_orders(asked).await?.into_inner();
    let next = found.page.unwrap_or_default().next;
    let older = if next.is_empty() { next } else { url(PATH, &[("after", &next)]) };
    let rows = found.orders.iter().map(|order| Row::new(order, named(&stores, &order.store))).collect();
    Ok(List { frame: Frame::of(&visit), rows, older }.into_response())
}

/// `GET /account/orders/{id}`.
pub async fn show(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    page(&console, (&visit, &guest), id, String::new()).await
}

/// The page of an order, with why it was not paid.
pub(super) async fn page(
    console: &Console,
    (visit, guest): (&Visit, &Guest),
    id: String,
    failure: String,
) -> Result<Response, Away> {
    let asked = guest.sign(visit.call(GetOrderRequest { id: id.clone() }));
    let order = console.orders.clone().get_order(asked).await?.into_inner();
    let stores = stores(console, visit, guest).await?;
    let asked = guest.sign(visit.call(ListReceiptsRequest { order: id }));
    let receipts = receipts::all(console, asked, ZONE).await;
    let ways = pay::open_ways(console, visit, &order).await;
    let shown = Row::new(&order, named(&stores, &order.store));
    let code = if failure.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page { ways, failure, ..Page::new(order, (shown, receipts), Frame::of(visit)) };
    Ok((code, page).into_response())
}

/// `GET /account/orders/{id}/receipts/{receipt}/{format}`.
pub async fn receipt(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Path(path): Path<(String, String, String)>,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    let asked = guest.sign(visit.call(receipts::wanted(path)?));
    Ok(receipts::answer(console.receipts.clone().get_receipt(asked).await?.into_inner()))
}

impl Page {
    fn new(order: Order, (shown, receipts): (Row, Vec<receipts::Row>), frame: Frame) -> Self {
        let states =
            [("Order", order.status), ("Payment", order.payment_status), ("Delivery", order.fulfilment_status)];
        let sums = [("Discount", order.discount), ("Shipping", order.shipping), ("Tax", order.tax)];
        let sums = sums.into_iter().filter(|(_, sum)| sum.as_ref().is_some_and(|money| money.amount != 0));
        let lines = order.lines.into_iter().map(|line| {
            let to = recipient(line.gift.as_ref());
            (line.name, line.quantity, price(line.subtotal.as_ref()), to)
        });
        let parcels = order.shipments.into_iter().map(|parcel| {
            let tracking = [parcel.carrier, parcel.number].into_iter().filter(|text| !text.is_empty());
            (tracking.collect::<Vec<_>>().join(" "), parcel.url)
        });
        Self {
            frame,
            order: shown,
            states: states.into_iter().map(|(name, slug)| (name, Badge::new(&slug))).collect(),
            lines: lines.collect(),
            sums: sums.map(|(name, sum)| (name, price(sum.as_ref()))).collect(),
            parcels: parcels.collect(),
            receipts,
            ways: Vec::new(),
            failure: String::new(),
        }
    }
}
