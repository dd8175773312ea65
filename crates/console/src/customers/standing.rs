//! Letting a customer in, or not, after a question (CU-8, ID-9).
use askama::Template;
use askama_web::WebTemplate;
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::customers::v1::{ActivateCustomerRequest, Customer, InactivateCustomerRequest};
use serde::Deserialize;

use super::head::{Head, at, customer};
use crate::{console::Console, frame::Frame, problem::Problem, team::complaint, visit::SignedIn};

#[derive(Template, WebTemplate)]
#[template(path = "customers/standing.html")]
struct Page {
    frame: Frame,
    head: Head,
    version: i64,
    failure: String,
}

/// What is to be done, and why.
#[derive(Deserialize)]
pub struct Answer {
    version: String,
    status: String,
    #[serde(default)]
    reason: String,
}

fn page(desk: &SignedIn, customer: &Customer, failure: String) -> Response {
    let head = Head::new(customer, &desk.session, "/standing");
    Page { frame: Frame::of(&desk.visit), head, version: customer.version, failure }.into_response()
}

/// `GET /console/customers/{id}/standing`.
pub async fn ask(State(console): State<Console>, desk: SignedIn, Path(id): Path<String>) -> Result<Response, Problem> {
    Ok(page(&desk, &customer(&console, &desk, &id).await?, String::new()))
}

/// `POST /console/customers/{id}/standing`.
pub async fn set(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(Answer { version, status, reason }): Form<Answer>,
) -> Result<Response, Problem> {
    let mut records = console.records.clone();
    let done = if status == "inactive" {
        let request = InactivateCustomerRequest { id: id.clone(), reason };
        records.inactivate_customer(desk.ask_at(&version, request)).await
    } else {
        let request = ActivateCustomerRequest { id: id.clone(), reason };
        records.activate_customer(desk.ask_at(&version, request)).await
    };
    match done {
        Ok(_) => Ok(Redirect::to(&at(&id, "")?).into_response()),
        Err(status) => {
            let failure = complaint(status)?;
            Ok(page(&desk, &customer(&console, &desk, &id).await?, failure))
        }
    }
}
