//! The first page: the stores of whoever is signed in, or the question where to send a link.
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use kit::failure::{Code, Told};
use proto::identity::v1::{GetShopperRequest, ListShopperStoresRequest, RequestMagicLinkRequest, ShopperStore};
use serde::Deserialize;

use super::guest::{Guest, is_signed_out};
use crate::{console::Console, frame::Frame, problem::Problem, visit::Visit};

/// Why the page is shown.
#[derive(Deserialize)]
pub struct Arrival {
    #[serde(default)]
    why: String,
}

/// Where a link is to go.
#[derive(Deserialize)]
pub struct Address {
    email: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "portal/ask.html")]
struct Ask {
    frame: Frame,
    email: String,
    notice: &'static str,
    failure: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "portal/sent.html")]
struct Sent {
    frame: Frame,
    email: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "portal/home.html")]
struct Home {
    frame: Frame,
    email: String,
    stores: Vec<Shop>,
}

/// A store as the page shows it.
struct Shop {
    name: String,
    url: String,
    orders: i64,
    registered: bool,
}

impl From<ShopperStore> for Shop {
    fn from(store: ShopperStore) -> Self {
        let web = store.url.starts_with("https://") || store.url.starts_with("http://");
        let url = if web { store.url } else { String::new() };
        Self { name: store.name, url, orders: store.orders_count, registered: store.registration == "registered" }
    }
}

/// `GET /account`.
pub async fn home(
    visit: Visit,
    State(console): State<Console>,
    headers: HeaderMap,
    Query(arrival): Query<Arrival>,
) -> Result<Response, Problem> {
    if let Some(guest) = console.portal.guest(&visit, &headers).await?
        && let Some(home) = stores(&console, &visit, &guest).await?
    {
        return Ok(home.into_response());
    }
    let notice = if arrival.why == "signed_out" { "You are signed out." } else { "" };
    Ok(Ask { frame: Frame::of(&visit), email: String::new(), notice, failure: String::new() }.into_response())
}

/// The page of a shopper; `None` when their session has just ended.
async fn stores(console: &Console, visit: &Visit, guest: &Guest) -> Result<Option<Home>, Problem> {
    let mut shoppers = console.portal.shoppers.clone();
    let shopper = match shoppers.get_shopper(guest.sign(visit.call(GetShopperRequest {}))).await {
        Ok(shopper) => shopper.into_inner(),
        Err(status) if is_signed_out(&status) => return Ok(None),
        Err(status) => return Err(status.into()),
    };
    let stores = shoppers.list_shopper_stores(guest.sign(visit.call(ListShopperStoresRequest {}))).await?;
    let stores = stores.into_inner().stores.into_iter().map(Shop::from).collect();
    Ok(Some(Home { frame: Frame::of(visit), email: shopper.email, stores }))
}

/// `POST /account`: the same page for everybody, whether or not anybody is known by the address (ID-7).
pub async fn ask(
    visit: Visit,
    State(console): State<Console>,
    Form(Address { email }): Form<Address>,
) -> Result<Response, Problem> {
    let email = email.trim().to_owned();
    let request = visit.call(RequestMagicLinkRequest { email: email.clone() });
    let Err(status) = console.portal.links.clone().request_magic_link(request).await else {
        return Ok(Sent { frame: Frame::of(&visit), email }.into_response());
    };
    let told = Told::read(&status);
    let (code, failure) = match told.code {
        Code::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "This is not an e-mail address.".to_owned()),
        Code::Limited => {
            let minutes = told.retry_after.map_or(1, |wait| wait.as_secs().div_ceil(60).max(1));
            (
                StatusCode::TOO_MANY_REQUESTS,
                format!("Several links are on their way already. The next one can be sent in {minutes} min."),
            )
        }
        _ => return Err(status.into()),
    };
    Ok((code, Ask { frame: Frame::of(&visit), email, notice: "", failure }).into_response())
}
