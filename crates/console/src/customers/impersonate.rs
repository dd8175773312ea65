//! Logging in as a customer: why, then the token, and a banner with its end (ID-25).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::identity::v1::{
    EndImpersonationRequest, Impersonation, ListImpersonationsRequest, StartImpersonationRequest,
};
use serde::Deserialize;

use crate::{console::Console, frame::Frame, problem::Problem, show::Moment, team::complaint, visit::SignedIn};

struct Row {
    session: Impersonation,
    until: Option<Moment>,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/impersonate.html")]
struct Page {
    frame: Frame,
    customer: String,
    open: Vec<Row>,
    token: String,
    failure: String,
}

/// Why.
#[derive(Deserialize)]
pub struct Why {
    reason: String,
    #[serde(default)]
    ticket: String,
}

/// Which session, and whose.
#[derive(Deserialize)]
pub struct Which {
    id: String,
    customer: String,
}

async fn page(
    console: &Console,
    desk: &SignedIn,
    customer: String,
    (token, failure): (String, String),
) -> Result<Page, Problem> {
    let open = console.impersonations.clone().list_impersonations(desk.ask(ListImpersonationsRequest {})).await?;
    let open = open
        .into_inner()
        .impersonations
        .into_iter()
        .map(|session| Row { until: Moment::new(session.expires_at.as_ref(), desk.session.zone), session });
    Ok(Page { frame: Frame::of(&desk.visit), customer, open: open.collect(), token, failure })
}

/// `GET /console/customers/{id}/impersonate`.
pub async fn ask_why(
    State(console): State<Console>,
    desk: SignedIn,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    Ok(page(&console, &desk, customer, (String::new(), String::new())).await?.into_response())
}

/// `POST /console/customers/{id}/impersonate`: the token is in the answer itself, since nothing keeps it.
pub async fn impersonate(
    State(console): State<Console>,
    desk: SignedIn,
    Path(customer): Path<String>,
    Form(Why { reason, ticket }): Form<Why>,
) -> Result<Response, Problem> {
    let request = StartImpersonationRequest { customer: customer.clone(), reason, ticket };
    let told = match console.impersonations.clone().start_impersonation(desk.ask(request)).await {
        Ok(opened) => (opened.into_inner().token, String::new()),
        Err(status) => (String::new(), complaint(status)?),
    };
    Ok(page(&console, &desk, customer, told).await?.into_response())
}

/// `POST /console/impersonations/end`.
pub async fn end_impersonation(
    State(console): State<Console>,
    desk: SignedIn,
    Form(Which { id, customer }): Form<Which>,
) -> Result<Redirect, Problem> {
    console.impersonations.clone().end_impersonation(desk.ask(EndImpersonationRequest { id })).await?;
    let customer = customer.parse::<kit::ids::CustomerId>().map_err(|_| Problem::not_found())?;
    Ok(Redirect::to(&format!("/console/customers/{customer}/impersonate")))
}
