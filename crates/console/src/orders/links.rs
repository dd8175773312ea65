//! Links to an order, from its page (OR-2).
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use proto::orders::v1::{CreateOrderLinkRequest, ListOrderLinksRequest, OrderLink, RevokeOrderLinkRequest};

use super::{act::done, detail::page};
use crate::{
    console::Console,
    problem::Problem,
    show::{Badge, Moment},
    team::{Fields, complaint},
    visit::{SignedIn, once},
};

/// A link as the page lists it.
pub struct Row {
    /// `olnk_…`.
    pub id: String,
    /// When it was made.
    pub at: Option<Moment>,
    /// How it stands.
    pub state: Badge,
    /// Whether it still leads there.
    pub is_open: bool,
}

/// The links of the order `id`; none when they cannot be had just now.
pub(super) async fn list(console: &Console, desk: &SignedIn, id: &str) -> Vec<Row> {
    let asked = desk.ask(ListOrderLinksRequest { order: id.to_owned() });
    let links = match console.order_links.clone().list_order_links(asked).await {
        Ok(found) => found.into_inner().links,
        Err(error) => {
            tracing::warn!(error.detail = %error.message(), "the links of an order cannot be had");
            Vec::new()
        }
    };
    let row = |link: OrderLink| Row {
        at: Moment::new(link.created_at.as_ref(), desk.session.zone),
        state: Badge::new(&link.state),
        is_open: link.state == "open",
        id: link.id,
    };
    links.into_iter().map(row).collect()
}

/// `POST /console/orders/{id}/links`: the page with the new link, which is shown this once.
pub async fn make_link(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let asked = once((&fields.text("key"), &body), desk.ask(CreateOrderLinkRequest { order: id.clone() }));
    match console.order_links.clone().create_order_link(asked).await {
        Ok(made) => {
            Ok(page(&console, &desk, &id, String::new()).await?.with_link(made.into_inner().url).into_response())
        }
        Err(status) => Ok(page(&console, &desk, &id, complaint(status)?).await?.into_response()),
    }
}

/// `POST /console/orders/{id}/links/{link}/revoke`.
pub async fn revoke_link(
    State(console): State<Console>,
    desk: SignedIn,
    Path((order, link)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let request = RevokeOrderLinkRequest { order: order.clone(), id: link };
    let answer = console.order_links.clone().revoke_order_link(desk.ask(request)).await;
    done(&console, &desk, &order, answer.map(drop)).await
}
