//! Keys of integrations; a new one's secret is shown once (ID-24).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::permission::Permission;
use proto::identity::v1::{ApiKey, CreateApiKeyRequest, ListApiKeysRequest, RevokeApiKeyRequest};
use serde::Deserialize;

use super::{Fields, complaint};
use crate::{console::Console, frame::Frame, problem::Problem, show::Moment, visit::SignedIn};

struct Row {
    key: ApiKey,
    used: Option<Moment>,
    until: Option<Moment>,
}

#[derive(Template, WebTemplate)]
#[template(path = "team/keys.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    /// What the reader may give a key.
    own: Vec<&'static str>,
    secret: String,
    failure: String,
}

/// Which key.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

async fn page(console: &Console, desk: &SignedIn, secret: String, failure: String) -> Result<Page, Problem> {
    let keys = console.api_keys.clone().list_api_keys(desk.ask(ListApiKeysRequest {})).await?.into_inner().keys;
    let zone = desk.session.zone;
    let rows = keys.into_iter().map(|key| Row {
        used: Moment::new(key.last_used_at.as_ref(), zone),
        until: Moment::new(key.expires_at.as_ref(), zone),
        key,
    });
    let own = Permission::ALL.iter().filter(|permission| desk.session.may(**permission));
    let own = own.map(|permission| permission.slug()).collect();
    Ok(Page { frame: Frame::of(&desk.visit), rows: rows.collect(), own, secret, failure })
}

/// `GET /console/team/keys`.
pub async fn list(State(console): State<Console>, desk: SignedIn) -> Result<Response, Problem> {
    Ok(page(&console, &desk, String::new(), String::new()).await?.into_response())
}

/// `POST /console/team/keys`: the page with the secret is the answer itself, since nothing keeps it.
pub async fn make(State(console): State<Console>, desk: SignedIn, body: String) -> Result<Response, Problem> {
    let fields = Fields::read(&body);
    let allowed = fields.text("allowed_ips");
    let request = CreateApiKeyRequest {
        name: fields.text("name"),
        permissions: fields.all("permission"),
        allowed_ips: allowed.split([',', ' ', '\n', '\r']).filter(|text| !text.is_empty()).map(str::to_owned).collect(),
        expires_at: expiry(&fields.text("days"), &console),
    };
    match console.api_keys.clone().create_api_key(desk.ask(request)).await {
        Ok(key) => Ok(page(&console, &desk, key.into_inner().secret, String::new()).await?.into_response()),
        Err(status) => Ok(page(&console, &desk, String::new(), complaint(status)?).await?.into_response()),
    }
}

/// So many days from now; never without a number.
fn expiry(days: &str, console: &Console) -> Option<prost_types::Timestamp> {
    let days: i64 = days.trim().parse().ok().filter(|days| (1..=3650).contains(days))?;
    Some(kit::clock::timestamp(console.clock.now() + chrono::TimeDelta::days(days)))
}

/// `POST /console/team/keys/revoke`.
pub async fn revoke(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Which { id }): Form<Which>,
) -> Result<Redirect, Problem> {
    console.api_keys.clone().revoke_api_key(desk.ask(RevokeApiKeyRequest { id })).await?;
    Ok(Redirect::to("/console/team/keys"))
}
