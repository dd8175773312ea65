//! What a customer agreed to (CU-16).
use std::collections::HashMap;

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::customers::v1::{GetConsentsRequest, SetConsentsRequest};
use serde::Deserialize;

use super::head::{Head, at, customer};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Moment, label},
    team::complaint,
    visit::SignedIn,
};

/// The channels there are.
const CHANNELS: [&str; 5] = ["email", "sms", "push", "phone", "post"];

struct Channel {
    slug: &'static str,
    name: String,
    /// `None` while nobody asked.
    granted: Option<bool>,
}

struct Decision {
    channel: String,
    granted: bool,
    at: Option<Moment>,
    source: String,
    actor: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/consents.html")]
struct Page {
    frame: Frame,
    head: Head,
    channels: Vec<Channel>,
    history: Vec<Decision>,
    failure: String,
}

/// A decision to record: "email yes", and where it was made.
#[derive(Deserialize)]
pub struct Recorded {
    decision: String,
    #[serde(default)]
    source: String,
}

async fn page(console: &Console, desk: &SignedIn, id: String, failure: String) -> Result<Page, Problem> {
    let customer = customer(console, desk, &id).await?;
    let known =
        console.consents.clone().get_consents(desk.ask(GetConsentsRequest { customer: id })).await?.into_inner();
    let granted = |slug: &str| known.consents.iter().find(|known| known.channel == slug).map(|known| known.granted);
    let channels = CHANNELS.map(|slug| Channel { slug, name: label::channel(slug), granted: granted(slug) });
    let history = known.history.into_iter().map(|decision| Decision {
        channel: label::channel(&decision.channel),
        granted: decision.granted,
        at: Moment::new(decision.at.as_ref(), desk.session.zone),
        source: label::words(&decision.source),
        actor: if decision.actor == customer.id { "the customer".to_owned() } else { decision.actor },
    });
    let head = Head::new(&customer, &desk.session, "/consents");
    Ok(Page { frame: Frame::of(&desk.visit), channels: channels.into(), history: history.collect(), head, failure })
}

/// `GET /console/customers/{id}/consents`.
pub async fn show(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    Ok(page(&console, &desk, id, String::new()).await?.into_response())
}

/// `POST /console/customers/{id}/consents`.
pub async fn record(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(Recorded { decision, source }): Form<Recorded>,
) -> Result<Response, Problem> {
    let (channel, answer) = decision.split_once(' ').unwrap_or_default();
    let consents = HashMap::from([(channel.to_owned(), answer == "yes")]);
    let source = source.trim().to_lowercase().replace([' ', '-'], "_");
    let request = SetConsentsRequest { customer: id.clone(), consents, source };
    match console.consents.clone().set_consents(desk.ask(request)).await {
        Ok(_) => Ok(Redirect::to(&at(&id, "/consents")?).into_response()),
        Err(status) => Ok(page(&console, &desk, id, complaint(status)?).await?.into_response()),
    }
}
