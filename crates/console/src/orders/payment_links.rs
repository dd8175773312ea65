//! Links by which an invoice is paid, from its order's page (OR-2).
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use proto::orders::v1::{CreatePaymentLinkRequest, ListPaymentLinksRequest, PaymentLink, RevokePaymentLinkRequest};

use super::{act::done, detail::page, links::Row};
use crate::{
    console::Console,
    problem::Problem,
    show::{Badge, Moment},
    team::{Fields, complaint},
    visit::{SignedIn, once},
};

/// The payment links of the order `id`; none when they cannot be had just now.
pub(super) async fn list(console: &Console, desk: &SignedIn, id: &str) -> Vec<Row> {
    let asked = desk.ask(ListPaymentLinksRequest { order: id.to_owned() });
    let links = match console.payment_links.clone().list_payment_links(asked).await {
        Ok(found) => found.into_inner().links,
        Err(error) => {
            tracing::warn!(error.detail = %error.message(), "the payment links of an order cannot be had");
            Vec::new()
        }
    };
    let row = |link: PaymentLink| Row {
        at: Moment::new(link.created_at.as_ref(), desk.session.zone),
        state: Badge::new(&link.state),
        is_open: link.state == "open",
        id: link.id,
    };
    links.into_iter().map(row).collect()
}

/// `POST /console/orders/{id}/payment-links`: the page with the new link, which is shown this once.
pub async fn make_payment_link(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let wanted = CreatePaymentLinkRequest { order: id.clone(), send: fields.text("send") == "yes", expires_in: 0 };
    let asked = once((&fields.text("key"), &body), desk.ask(wanted));
    match console.payment_links.clone().create_payment_link(asked).await {
        Ok(made) => {
            let made = made.into_inner().url;
            Ok(page(&console, &desk, &id, String::new()).await?.with_payment_link(made).into_response())
        }
        Err(status) => Ok(page(&console, &desk, &id, complaint(status)?).await?.into_response()),
    }
}

/// `POST /console/orders/{id}/payment-links/{link}/revoke`.
pub async fn revoke_payment_link(
    State(console): State<Console>,
    desk: SignedIn,
    Path((order, link)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let request = RevokePaymentLinkRequest { order: order.clone(), id: link };
    let answer = console.payment_links.clone().revoke_payment_link(desk.ask(request)).await;
    done(&console, &desk, &order, answer.map(drop)).await
}
