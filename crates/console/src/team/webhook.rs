//! One webhook: what it asks for, what was told to it, and what can be done about it (NO-5).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::TimeDelta;
use kit::clock::timestamp;
use proto::{
    base::v1::PageRequest,
    notifications::v1::{
        ChangeWebhookRequest, DeleteWebhookRequest, GetWebhookRequest, HookDelivery, ListHookDeliveriesRequest,
        RecoverWebhookRequest, RedeliverHookRequest, RotateWebhookSecretRequest, TestWebhookRequest, Webhook,
        WebhookEvent, WebhookEvents,
    },
};
use serde::Deserialize;

use super::{Fields, complaint, webhooks::events};
use crate::{console::Console, frame::Frame, problem::Problem, show::Moment, visit::SignedIn};

struct Row {
    delivery: HookDelivery,
    at: Option<Moment>,
    next: Option<Moment>,
}

struct Choice {
    event: WebhookEvent,
    chosen: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "team/webhook.html")]
struct Page {
    frame: Frame,
    webhook: Webhook,
    failing: Option<Moment>,
    former: Option<Moment>,
    choices: Vec<Choice>,
    rows: Vec<Row>,
    state: String,
    next: String,
    secret: String,
    failure: String,
}

/// Which deliveries.
#[derive(Default, Deserialize)]
pub struct Which {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

async fn page(
    console: &Console,
    desk: &SignedIn,
    (id, which): (&str, Which),
    [secret, failure]: [String; 2],
) -> Result<Response, Problem> {
    let webhook = console.webhooks.clone().get_webhook(desk.ask(GetWebhookRequest { id: id.to_owned() })).await?;
    let webhook = webhook.into_inner();
    let wanted = ListHookDeliveriesRequest {
        webhook: id.to_owned(),
        state: which.state.clone(),
        page: Some(PageRequest { limit: 25, after: which.after, ..PageRequest::default() }),
        ..ListHookDeliveriesRequest::default()
    };
    let found = console.hook_deliveries.clone().list_hook_deliveries(desk.ask(wanted)).await?.into_inner();
    let zone = desk.session.zone;
    let rows = found.deliveries.into_iter().map(|delivery| Row {
        at: Moment::new(delivery.created_at.as_ref(), zone),
        next: Moment::new(delivery.next_attempt_at.as_ref(), zone),
        delivery,
    });
    let choices = events(console, desk).await?.into_iter();
    let choices = choices.map(|event| Choice { chosen: webhook.events.contains(&event.name), event });
    let page = Page {
        frame: Frame::of(&desk.visit),
        failing: Moment::new(webhook.failing_since.as_ref(), zone),
        former: Moment::new(webhook.former_secret_until.as_ref(), zone),
        choices: choices.collect(),
        rows: rows.collect(),
        state: which.state,
        next: found.page.unwrap_or_default().next,
        webhook,
        secret,
        failure,
    };
    Ok(page.into_response())
}

/// `GET /console/team/webhooks/{id}`.
pub async fn show(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    page(&console, &desk, (&id, which), Default::default()).await
}

/// `POST /console/team/webhooks/{id}`: does what the button that was pressed says.
pub async fn manage(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    match carry_out(&console, &desk, &id, &fields).await {
        Ok(Done::Shown(secret)) => page(&console, &desk, (&id, Which::default()), [secret, String::new()]).await,
        Ok(Done::Changed) => Ok(Redirect::to(&format!("/console/team/webhooks/{id}")).into_response()),
        Ok(Done::Gone) => Ok(Redirect::to("/console/team/webhooks").into_response()),
        Err(status) => {
            let failure = complaint(status)?;
            page(&console, &desk, (&id, Which::default()), [String::new(), failure]).await
        }
    }
}

/// What came of it.
enum Done {
    Changed,
    Gone,
    /// With a secret that is shown this once.
    Shown(String),
}

async fn carry_out(console: &Console, desk: &SignedIn, id: &str, fields: &Fields) -> Result<Done, tonic::Status> {
    let (mut webhooks, mut deliveries) = (console.webhooks.clone(), console.hook_deliveries.clone());
    let (id, webhook) = (id.to_owned(), id.to_owned());
    let change = ChangeWebhookRequest { id: id.clone(), ..ChangeWebhookRequest::default() };
    match fields.text("do").as_str() {
        "rotate" => {
            let rotated = webhooks.rotate_webhook_secret(desk.ask(RotateWebhookSecretRequest { id })).await?;
            return Ok(Done::Shown(rotated.into_inner().secret));
        }
        "delete" => {
            webhooks.delete_webhook(desk.ask(DeleteWebhookRequest { id })).await?;
            return Ok(Done::Gone);
        }
        "enable" | "disable" => {
            let enabled = Some(fields.text("do") == "enable");
            webhooks.change_webhook(desk.ask(ChangeWebhookRequest { enabled, ..change })).await?;
        }
        "test" => drop(deliveries.test_webhook(desk.ask(TestWebhookRequest { webhook })).await?),
        "recover" => {
            let since = Some(timestamp(console.clock.now() - TimeDelta::days(30)));
            deliveries.recover_webhook(desk.ask(RecoverWebhookRequest { webhook, since })).await?;
        }
        "redeliver" => {
            let request = RedeliverHookRequest { webhook, id: fields.text("delivery") };
            deliveries.redeliver_hook(desk.ask(request)).await?;
        }
        _ => {
            let events = Some(WebhookEvents { names: fields.all("event") });
            let (url, description) = (Some(fields.text("url")), Some(fields.text("description")));
            webhooks.change_webhook(desk.ask(ChangeWebhookRequest { url, description, events, ..change })).await?;
        }
    }
    Ok(Done::Changed)
}
