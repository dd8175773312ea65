//! Tags of a customer (CU-11).
use axum::{
    extract::{Form, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use proto::customers::v1::ChangeTagsRequest;
use serde::Deserialize;

use super::{head::at, profile::page};
use crate::{console::Console, problem::Problem, team::complaint, visit::SignedIn};

/// A tag to add or to take away.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Change {
    add: String,
    remove: String,
}

/// `POST /console/customers/{id}/tags`.
pub async fn change(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    Form(Change { add, remove }): Form<Change>,
) -> Result<Response, Problem> {
    let some = |tag: String| if tag.is_empty() { Vec::new() } else { vec![tag] };
    let request = ChangeTagsRequest { id: id.clone(), add: some(add), remove: some(remove) };
    match console.records.clone().change_tags(desk.ask(request)).await {
        Ok(_) => Ok(Redirect::to(&at(&id, "")?).into_response()),
        Err(status) => Ok(page(&console, &desk, id, complaint(status)?).await?.into_response()),
    }
}
