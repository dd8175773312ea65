//! The page behind a link to an order (OR-2): what was bought, what it cost and where it is, and nothing of whose it is.
use askama::Template;
use askama_web::WebTemplate;
use axum::extract::{Path, State};
use proto::orders::v1::{PublicOrder, ViewOrderRequest};

use super::shop::{Shop, refusal};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Badge, price},
    visit::Visit,
};

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "hosted/order.html")]
pub struct Page {
    frame: Frame,
    number: String,
    shop: Shop,
    /// Status, payment, fulfilment: each with its name.
    states: Vec<(&'static str, Badge)>,
    /// Name, how many, and what they cost together.
    lines: Vec<(String, u32, String)>,
    /// Discount, shipping, tax, what went back: only what there is.
    sums: Vec<(&'static str, String)>,
    total: String,
    /// Who carries it and its number, and a page to follow it on.
    parcels: Vec<(String, String)>,
}

/// `GET /order/{secret}`.
pub async fn show_order(
    State(console): State<Console>,
    visit: Visit,
    Path(secret): Path<String>,
) -> Result<Page, Problem> {
    let call = visit.call(ViewOrderRequest { secret });
    let order = console.order_links.clone().view_order(call).await.map_err(refusal)?.into_inner();
    let shop = Shop::find(&console, &order.store).await;
    Ok(Page::new(order, shop, Frame::of(&visit)))
}

impl Page {
    fn new(order: PublicOrder, shop: Shop, frame: Frame) -> Self {
        let states =
            [("Order", order.status), ("Payment", order.payment_status), ("Delivery", order.fulfilment_status)];
        let sums = [
            ("Discount", order.discount),
            ("Shipping", order.shipping),
            ("Tax", order.tax),
            ("Given back", order.refunded),
        ];
        let sums = sums.into_iter().filter(|(_, sum)| sum.as_ref().is_some_and(|money| money.amount != 0));
        let lines = order.lines.into_iter().map(|line| (line.name, line.quantity, price(line.subtotal.as_ref())));
        let parcels = order.shipments.into_iter().map(|parcel| {
            let tracking = [parcel.carrier, parcel.number].into_iter().filter(|text| !text.is_empty());
            (tracking.collect::<Vec<_>>().join(" "), parcel.url)
        });
        Self {
            frame,
            number: order.number,
            shop,
            states: states.into_iter().map(|(name, slug)| (name, Badge::new(&slug))).collect(),
            lines: lines.collect(),
            sums: sums.map(|(name, sum)| (name, price(sum.as_ref()))).collect(),
            total: price(order.total.as_ref()),
            parcels: parcels.collect(),
        }
    }
}
