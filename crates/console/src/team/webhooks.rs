//! Addresses that are told of what happens; a new one's secret is shown once (NO-5).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use proto::notifications::v1::{
    CreateWebhookRequest, ListWebhookEventsRequest, ListWebhooksRequest, Webhook, WebhookEvent,
};

use super::{Fields, complaint};
use crate::{console::Console, frame::Frame, problem::Problem, visit::SignedIn};

#[derive(Template, WebTemplate)]
#[template(path = "team/webhooks.html")]
struct Page {
    frame: Frame,
    webhooks: Vec<Webhook>,
    events: Vec<WebhookEvent>,
    secret: String,
    failure: String,
}

/// The events there are.
pub(super) async fn events(console: &Console, desk: &SignedIn) -> Result<Vec<WebhookEvent>, Problem> {
    let events = console.webhooks.clone().list_webhook_events(desk.ask(ListWebhookEventsRequest {})).await?;
    Ok(events.into_inner().events)
}

async fn page(console: &Console, desk: &SignedIn, secret: String, failure: String) -> Result<Response, Problem> {
    let webhooks = console.webhooks.clone().list_webhooks(desk.ask(ListWebhooksRequest {})).await?;
    let (webhooks, events) = (webhooks.into_inner().webhooks, events(console, desk).await?);
    Ok(Page { frame: Frame::of(&desk.visit), webhooks, events, secret, failure }.into_response())
}

/// `GET /console/team/webhooks`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    page(&console, &desk, String::new(), String::new()).await
}

/// `POST /console/team/webhooks`: the page with the secret is the answer itself, since it is shown this once.
pub async fn make(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let request = CreateWebhookRequest {
        url: fields.text("url"),
        description: fields.text("description"),
        events: fields.all("event"),
    };
    match console.webhooks.clone().create_webhook(desk.ask(request)).await {
        Ok(made) => page(&console, &desk, made.into_inner().secret, String::new()).await,
        Err(status) => page(&console, &desk, String::new(), complaint(status)?).await,
    }
}
