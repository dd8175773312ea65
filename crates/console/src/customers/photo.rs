//! The photo of a customer: staff hand it in and take it off (CU-4).
use axum::{
    extract::{Path, Request, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use front::form::{BodyError, parts, receive, turn};
use proto::customers::v1::{PutPhotoRequest, RemovePhotoRequest};

use super::{head::at, profile::page};
use crate::{console::Console, problem::Problem, team::complaint, visit::SignedIn};

/// The largest form with a photo, in bytes.
const LARGEST: usize = 5 * 1024 * 1024 + 64 * 1024;
/// What is said of a file that there is no room for.
const TOO_LARGE: &str = "the photo is larger than 5 MiB";
/// What is said of half a file.
const BROKEN: &str = "the photo did not arrive whole";

/// `POST /console/customers/{id}/photo`: a picture, in place of the one there was.
pub async fn put(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let _turn = turn().await.ok_or_else(Problem::crowded)?;
    let data = match picture(request).await {
        Ok(data) => data,
        Err(fault) => return Ok(page(&console, &desk, id, fault.to_owned()).await?.into_response()),
    };
    let wanted = PutPhotoRequest { customer: id.clone(), data };
    match console.photos.clone().put_photo(desk.ask(wanted)).await {
        Ok(_) => Ok(Redirect::to(&at(&id, "")?).into_response()),
        Err(status) => Ok(page(&console, &desk, id, complaint(status)?).await?.into_response()),
    }
}

/// `POST /console/customers/{id}/photo/remove`.
pub async fn remove(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    match console.photos.clone().remove_photo(desk.ask(RemovePhotoRequest { customer: id.clone() })).await {
        Ok(_) => Ok(Redirect::to(&at(&id, "")?).into_response()),
        Err(status) => Ok(page(&console, &desk, id, complaint(status)?).await?.into_response()),
    }
}

/// The picture of a form; else what is wrong with it.
async fn picture(request: Request) -> Result<Bytes, &'static str> {
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let body = receive(body, LARGEST).await.map_err(|error| match error {
        BodyError::TooLarge => TOO_LARGE,
        BodyError::Broken => BROKEN,
    })?;
    let parts = parts(kind, body).await.map_err(|_| BROKEN)?;
    Ok(parts.into_iter().find(|part| part.name == "file").map(|part| part.data).unwrap_or_default())
}
