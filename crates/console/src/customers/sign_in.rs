//! How a customer signs in, and what staff do about it (CU-8).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Response},
};
use proto::identity::v1::{
    CustomerSignIn, EndCustomerSessionsRequest, GetCustomerSignInRequest, SendPasswordResetRequest,
    UnlockCustomerRequest,
};
use serde::Deserialize;
use tonic::Status;

use super::head::{Head, customer};
use crate::{
    console::Console,
    frame::Frame,
    problem::Problem,
    show::{Moment, label},
    team::complaint,
    visit::SignedIn,
};

struct Row {
    id: String,
    methods: String,
    opened: Option<Moment>,
    used: Option<Moment>,
    ip: String,
    agent: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "customers/sign_in.html")]
struct Page {
    frame: Frame,
    head: Head,
    seen: CustomerSignIn,
    methods: String,
    registered: Option<Moment>,
    last: Option<Moment>,
    locked: Option<Moment>,
    rows: Vec<Row>,
    /// What was done.
    done: String,
    failure: String,
}

/// What is to be done, and with which session.
#[derive(Deserialize)]
pub struct Order {
    order: String,
    #[serde(default)]
    session: String,
}

fn methods(names: &[String]) -> String {
    names.iter().map(|name| label::channel(name)).collect::<Vec<_>>().join(", ")
}

async fn page(
    console: &Console,
    desk: &SignedIn,
    id: String,
    (done, failure): (String, String),
) -> Result<Page, Problem> {
    let customer = customer(console, desk, &id).await?;
    let request = desk.ask(GetCustomerSignInRequest { customer: id });
    let mut seen = console.customer_sign_ins.clone().get_customer_sign_in(request).await?.into_inner();
    let (zone, sessions) = (desk.session.zone, std::mem::take(&mut seen.sessions));
    let rows = sessions.into_iter().map(|session| Row {
        methods: methods(&session.methods),
        opened: Moment::new(session.opened_at.as_ref(), zone),
        used: Moment::new(session.used_at.as_ref(), zone),
        id: session.id,
        ip: session.ip,
        agent: session.agent,
    });
    Ok(Page {
        frame: Frame::of(&desk.visit),
        head: Head::new(&customer, &desk.session, "/sign-in"),
        methods: methods(&seen.methods),
        registered: Moment::new(seen.registered_at.as_ref(), zone),
        last: Moment::new(seen.last_login_at.as_ref(), zone),
        locked: Moment::new(seen.locked_until.as_ref(), zone),
        rows: rows.collect(),
        seen,
        done,
        failure,
    })
}

/// `GET /console/customers/{id}/sign-in`.
pub async fn show(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    Ok(page(&console, &desk, id, (String::new(), String::new())).await?.into_response())
}

async fn carry_out(
    console: &Console,
    desk: &SignedIn,
    customer: String,
    Order { order, session }: Order,
) -> Result<&'static str, Status> {
    let mut sign_ins = console.customer_sign_ins.clone();
    match order.as_str() {
        "end" => {
            sign_ins.end_customer_sessions(desk.ask(EndCustomerSessionsRequest { customer, session })).await?;
            Ok("What they had open has ended.")
        }
        "reset" => {
            sign_ins.send_password_reset(desk.ask(SendPasswordResetRequest { customer })).await?;
            Ok("The code for a new password is on its way to them.")
        }
        _ => {
            sign_ins.unlock_customer(desk.ask(UnlockCustomerRequest { customer })).await?;
            Ok("Failed tries are forgotten; the next one need not wait.")
        }
    }
}

/// `POST /console/customers/{id}/sign-in`.
pub async fn manage(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(order): Form<Order>,
) -> Result<Response, Problem> {
    let told = match carry_out(&console, &desk, id.clone(), order).await {
        Ok(done) => (done.to_owned(), String::new()),
        Err(status) => (String::new(), complaint(status)?),
    };
    Ok(page(&console, &desk, id, told).await?.into_response())
}
