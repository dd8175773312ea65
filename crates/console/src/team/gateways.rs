//! Payment gateways of the store (OR-3).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::orders::v1::{Gateway, ListGatewaysRequest, SetGatewayRequest};
use serde::Deserialize;

use super::complaint;
use crate::{console::Console, frame::Frame, problem::Problem, visit::SignedIn};

#[derive(Template, WebTemplate)]
#[template(path = "team/gateways.html")]
struct Page {
    frame: Frame,
    gateways: Vec<Gateway>,
    failure: String,
}

/// How a gateway is to be. What is left empty stays.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    enabled: String,
    secret_key: String,
    webhook_secret: String,
    publishable_key: String,
    force: String,
}

async fn page(console: &Console, desk: &SignedIn, failure: String) -> Result<Page, Problem> {
    let gateways =
        console.gateways.clone().list_gateways(desk.ask(ListGatewaysRequest {})).await?.into_inner().gateways;
    Ok(Page { frame: Frame::of(&desk.visit), gateways, failure })
}

/// `GET /console/team/gateways`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    Ok(page(&console, &desk, String::new()).await?.into_response())
}

/// `POST /console/team/gateways/{gateway}`.
pub async fn set(
    State(console): State<Console>,
    desk: SignedIn,
    Path(gateway): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Problem> {
    let typed = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let request = SetGatewayRequest {
        gateway,
        enabled: wanted.enabled == "yes",
        secret_key: typed(wanted.secret_key),
        webhook_secret: typed(wanted.webhook_secret),
        publishable_key: typed(wanted.publishable_key),
        force: wanted.force == "yes",
    };
    match console.gateways.clone().set_gateway(desk.ask(request)).await {
        Ok(_) => Ok(Redirect::to("/console/team/gateways").into_response()),
        Err(status) => Ok(page(&console, &desk, complaint(status)?).await?.into_response()),
    }
}
