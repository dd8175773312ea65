//! Links to check a cart out by, from its page (CA-6).
use axum::{
    extract::{Path, State},
    response::Response,
};
use kit::permission::Permission;
use proto::carts::v1::{CheckoutLink, CreateCheckoutLinkRequest, ListCheckoutLinksRequest, RevokeCheckoutLinkRequest};

use super::{
    act::{Sent, done, known},
    editor::{Asked, page},
};
use crate::{
    console::Console,
    part::Part,
    problem::Problem,
    show::{Badge, Moment, label},
    team::Fields,
    visit::{SignedIn, once},
};

/// A link as the page lists it.
pub struct Row {
    /// `clnk_…`.
    pub id: String,
    /// How it stands.
    pub state: Badge,
    /// Whether it still leads there.
    pub is_open: bool,
    /// How it was sent, in words; empty when it was not.
    pub sent: String,
    /// When it was made.
    pub made: Option<Moment>,
    /// When it ends.
    pub ends: Option<Moment>,
}

/// A link that was made just now.
#[derive(Default)]
pub struct Made {
    /// Its address, which is shown this once; empty for those who may not see it.
    pub url: String,
    /// How it was sent, in words; empty when it was not.
    pub sent: String,
}

/// How `channel` is spoken of.
fn by(channel: &str) -> String {
    match channel {
        "email" => "by e-mail".to_owned(),
        "sms" => "by text message".to_owned(),
        "" => String::new(),
        other => format!("by {}", label::words(other).to_lowercase()),
    }
}

/// The links of a cart, newest first.
pub async fn list(console: &Console, desk: &SignedIn, cart: String) -> Part<Vec<Row>> {
    let row = |link: CheckoutLink| Row {
        state: Badge::new(&link.state),
        is_open: link.state == "open",
        sent: by(&link.sent_by),
        made: Moment::new(link.created_at.as_ref(), desk.session.zone),
        ends: Moment::new(link.expires_at.as_ref(), desk.session.zone),
        id: link.id,
    };
    let mut links = console.checkout_links.clone();
    let asked = links.list_checkout_links(desk.ask(ListCheckoutLinksRequest { cart }));
    Part::load(desk, Permission::CartsRead, asked, |answer| answer.links.into_iter().map(row).collect()).await
}

/// `POST /console/carts/{id}/links`: the page with the new link, which is shown this once.
pub async fn make(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let (id, fields) = (known(&id)?, Fields::read(&body));
    let how = Some(fields.text("how")).filter(|how| how != "copy");
    let request = CreateCheckoutLinkRequest {
        cart: id.into(),
        send: how.is_some(),
        channel: how.unwrap_or_default(),
        // What is no number lasts longer than any link may.
        expires_in: fields.text("lasts").parse().unwrap_or(u32::MAX),
    };
    let asked = once((&fields.text("key"), &body), desk.ask_at(&fields.text("version"), request));
    match console.checkout_links.clone().create_checkout_link(asked).await {
        Ok(made) => {
            let made = made.into_inner();
            let made = Made { sent: by(&made.sent_by), url: made.url };
            page((&console, &desk), id, Asked { made, ..Asked::default() }).await
        }
        Err(status) => done((&console, &desk), id, Sent::new("links", fields), Err(status)).await,
    }
}

/// `POST /console/carts/{id}/links/{link}/revoke`.
pub async fn revoke(
    State(console): State<Console>,
    desk: SignedIn,
    Path((id, link)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id = known(&id)?;
    let asked = desk.ask(RevokeCheckoutLinkRequest { cart: id.into(), id: link });
    let answer = console.checkout_links.clone().revoke_checkout_link(asked).await;
    done((&console, &desk), id, Sent::new("links", Fields::default()), answer.map(drop)).await
}
