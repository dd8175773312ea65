//! Files that come with what is written in tickets (ST-2), for staff and in the account portal alike.
use axum::{
    extract,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use front::{
    download::{Download, hand_out},
    form::{BodyError, FormError, Turn, has_files, parts, receive, turn},
};
use proto::customers::v1::{AddAttachmentRequest, ReadAttachmentRequest};
use tonic::{Request, Status};

use crate::{console::Console, problem::Problem};

/// The largest form with files, in bytes: what ten of them are together is less than what one may be.
const LARGEST: usize = 26 * 1024 * 1024;

/// The largest one without, in bytes.
const WORDS: usize = 1024 * 1024;

/// What was written, with its files.
#[derive(Default)]
pub struct Written {
    pub text: String,
    /// `public` or `internal`.
    pub kind: String,
    pub status: String,
    files: Vec<(String, Bytes)>,
    /// Its place among those that are held in memory.
    _turn: Option<Turn>,
}

/// A form that may have files, as it was sent, of which kind it says to be, and its place among those in memory.
pub async fn received(request: extract::Request) -> Result<(Option<String>, Bytes, Option<Turn>), Problem> {
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let files = has_files(kind);
    let turn = if files { Some(turn().await.ok_or_else(Problem::crowded)?) } else { None };
    let body = receive(body, if files { LARGEST } else { WORDS }).await.map_err(|error| match error {
        BodyError::TooLarge => {
            let detail = "The files are too large: together they may have 25 MB.";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large", detail)
        }
        BodyError::Broken => broken(),
    })?;
    Ok((kind.map(str::to_owned), body, turn))
}

impl Written {
    /// Reads a form, whichever way a browser sends it. Whoever may not send one is to be turned away before.
    pub async fn receive(request: extract::Request) -> Result<Self, Problem> {
        let (kind, body, turn) = received(request).await?;
        let mut written = Self { _turn: turn, ..Self::default() };
        match parts(kind.as_deref(), body.clone()).await {
            Ok(parts) => {
                for part in parts {
                    match part.name.as_str() {
                        // A browser sends an empty one for none.
                        "files" if part.data.is_empty() => {}
                        "files" => written.files.push((part.file_name.unwrap_or_default(), part.data)),
                        name => written.put(name, part.text()),
                    }
                }
            }
            Err(FormError::Other) => {
                for (name, value) in form_urlencoded::parse(&body) {
                    written.put(&name, value.into_owned());
                }
            }
            Err(FormError::Malformed) => return Err(broken()),
        }
        Ok(written)
    }

    fn put(&mut self, name: &str, value: String) {
        match name {
            "text" => self.text = value,
            "kind" => self.kind = value,
            "status" => self.status = value,
            _ => {}
        }
    }

    /// Hands its files in for `ticket`; their ids.
    pub async fn hand_in(
        &mut self,
        console: &Console,
        ticket: &str,
        sign: impl Fn(AddAttachmentRequest) -> Request<AddAttachmentRequest>,
    ) -> Result<Vec<String>, Status> {
        let mut ids = Vec::new();
        for (name, data) in self.files.drain(..) {
            let request = sign(AddAttachmentRequest { ticket: ticket.to_owned(), name, data });
            ids.push(console.attachments.clone().add_attachment(request).await?.into_inner().id);
        }
        Ok(ids)
    }
}

fn broken() -> Problem {
    let detail = "The form did not arrive as it was sent. Please try again.";
    Problem::new(StatusCode::BAD_REQUEST, "Not understood", detail)
}

/// The file `id` of `ticket`, or the part of it that `headers` ask for.
pub async fn read(
    console: &Console,
    (ticket, id): (String, String),
    headers: &HeaderMap,
    sign: impl Fn(ReadAttachmentRequest) -> Request<ReadAttachmentRequest> + Send + Sync + 'static,
) -> Result<Response, Status> {
    let attachments = console.attachments.clone();
    let request = ReadAttachmentRequest { ticket, id, offset: 0, length: 0 };
    let file = attachments.clone().read_attachment(sign(request.clone())).await?.into_inner().file.unwrap_or_default();
    let file = Download { name: file.name, media_type: file.media_type, size: file.size, tag: String::new() };
    let piece = move |offset, length| {
        let (mut attachments, request) =
            (attachments.clone(), sign(ReadAttachmentRequest { offset, length, ..request.clone() }));
        async move { attachments.read_attachment(request).await.map(|piece| piece.into_inner().data) }
    };
    let whole: Option<Response> = hand_out::<_, _, Status>(&file, headers, piece).await?;
    whole.ok_or_else(|| Status::not_found("the file has no such part"))
}
