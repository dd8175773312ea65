//! Files of tickets, for whoever may write and read there (ST-2).
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use front::download::{Download, hand_out};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kit::failure::Told;
use proto::customers::v1::{AddAttachmentRequest, ReadAttachmentRequest};
use tonic::Status;

use crate::{
    answer::Answer, caller::Caller, peers::Peers, problem::Problem, request::upload::Upload, shape::Attachment,
};

/// Hands a file in for `ticket`.
pub async fn add(
    peers: &Peers,
    caller: &Caller,
    (ticket, Upload { name, data }): (String, Upload),
) -> Result<Answer<Attachment>, Problem> {
    let added = peers.attachments().add_attachment(caller.ask(AddAttachmentRequest { ticket, name, data })).await;
    Ok(Answer::of(added.map_err(refusal)?).status(StatusCode::CREATED))
}

/// What is wrong with the content is told as HTTP has it.
pub fn refusal(status: Status) -> Problem {
    if Told::read(&status).reason == "file_type_refused" {
        let detail = status.message().to_owned();
        return Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "file_type_refused", detail);
    }
    status.into()
}

/// The file `id` of `ticket`, or the part of it that `headers` ask for.
pub async fn read(
    (peers, caller): (Arc<Peers>, Caller),
    (ticket, id): (String, String),
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let request = ReadAttachmentRequest { ticket, id, offset: 0, length: 0 };
    let file = peers.attachments().read_attachment(caller.ask(request.clone())).await?.into_inner().file;
    let file = file.ok_or_else(|| Problem::defect("a file was not told"))?;
    let file = Download { name: file.name, media_type: file.media_type, size: file.size, tag: String::new() };
    let piece = move |offset, length| {
        let (mut attachments, caller) = (peers.attachments(), caller.clone());
        let request = ReadAttachmentRequest { offset, length, ..request.clone() };
        async move {
            let read = attachments.read_attachment(caller.ask_anew(request)).await;
            read.map(|piece| piece.into_inner().data).map_err(Problem::from)
        }
    };
    let answer: Option<Response> = hand_out::<_, _, Problem>(&file, headers, piece).await?;
    answer.map_or_else(|| nowhere(file.size), Ok)
}

/// There is no such part.
pub fn nowhere(size: i64) -> Result<Response, Problem> {
    let problem =
        Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable", "The file has no such part.");
    let whole = HeaderValue::try_from(format!("bytes */{size}")).map_err(|_| Problem::defect("a length"))?;
    let mut answer = problem.into_response();
    answer.headers_mut().insert(header::CONTENT_RANGE, whole);
    Ok(answer)
}
