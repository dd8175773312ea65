//! `POST /account/orders/{id}/pay`: a shopper pays what is due of an order of theirs (PO-1, OR-2).
use axum::{
    extract::{Form, Path, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use kit::ids::OrderId;
use proto::orders::v1::{ListOpenGatewaysRequest, Order, PayOrderRequest};

use super::{
    orders::page,
    tickets::{Away, guest},
};
use crate::{
    console::Console,
    hosted::payment_link::{PATIENCE, Wish, lead, means, ways},
    problem::Problem,
    visit::Visit,
};

/// A way to pay: its name in the form, and what it is called.
pub type Way = (&'static str, &'static str);

/// The ways to pay `order`; none when nothing is due.
pub async fn open_ways(console: &Console, visit: &Visit, order: &Order) -> Vec<Way> {
    if order.payment_status != "pending" || !matches!(&*order.status, "placed" | "completed") {
        return Vec::new();
    }
    let asked = visit.call(ListOpenGatewaysRequest { store: order.store.clone() });
    match console.gateways.clone().list_open_gateways(asked).await {
        Ok(open) => ways(&open.into_inner().gateways),
        Err(_) => Vec::new(),
    }
}

/// Pays, or leads to where it is paid.
pub async fn pay(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Form(wish): Form<Wish>,
) -> Result<Response, Away> {
    let guest = guest(&console, &visit, &headers).await?;
    let id: OrderId = id.parse().map_err(|_| Problem::no_page())?;
    let Some((gateway, method)) = means(&wish.way) else {
        return page(&console, (&visit, &guest), id.into(), "Choose how to pay.".to_owned()).await;
    };
    let here = format!("/account/orders/{id}");
    let mut call = guest.sign(visit.call(PayOrderRequest {
        id: id.into(),
        gateway: gateway.to_owned(),
        payment_method: method.to_owned(),
        return_url: format!("{}{here}", console.public),
    }));
    call.set_timeout(PATIENCE);
    let bill = console.payment_links.clone().pay_order(call).await?.into_inner();
    if let Some(away) = lead(&visit, &bill) {
        return Ok(away);
    }
    let why = match &*bill.status {
        "declined" => bill.message,
        "pending" => "We do not know yet whether you have paid: look again in a moment.".to_owned(),
        _ => return Ok(Redirect::to(&here).into_response()),
    };
    page(&console, (&visit, &guest), id.into(), why).await
}
