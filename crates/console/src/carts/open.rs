//! `POST /console/customers/{id}/carts`: a new cart for a customer, by staff (CA-4).
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::ids::CustomerId;
use proto::carts::v1::OpenCartRequest;

use crate::{
    console::Console,
    customers::profile_page,
    problem::Problem,
    team::{Fields, complaint},
    visit::{SignedIn, once},
};

/// Opens it in the store that is worked in, once however often the form is sent, and goes to it.
pub async fn open(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let customer: CustomerId = id.parse().map_err(|_| Problem::not_found())?;
    let request = OpenCartRequest { customer: customer.into(), ..OpenCartRequest::default() };
    let asked = once((&Fields::read(&body).text("key"), &format!("open {customer}")), desk.ask(request));
    match console.carts.clone().open_cart(asked).await {
        Ok(opened) => Ok(Redirect::to(&format!("/console/carts/{}", opened.into_inner().id)).into_response()),
        Err(status) if desk.session.actor.store.is_none() => Err(status.into()),
        Err(status) => {
            let failure = complaint(status)?;
            Ok(profile_page(&console, &desk, id, String::new()).await?.without_cart(failure).into_response())
        }
    }
}
