//! Files of support tickets (ST-2).
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::HeaderMap;
use kit::permission::Permission;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    answer::Answer,
    attachments,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        params::NoParams,
        upload::{FileForm, Upload},
    },
    router::Gateway,
    shape::Attachment,
};

/// The routes about files of tickets.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(add_attachment)).routes(routes!(read_attachment))
}

/// Hand in a file for a ticket
///
/// Pictures (JPEG, PNG, GIF, WebP, HEIC), PDF, text and ZIP archives, told by what they hold. Nobody sees it until a comment
/// of yours names it, and it is gone after a day without.
#[utoipa::path(
    post, path = "/admin/v1/tickets/{id}/attachments", tag = "Tickets",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Attachment),
        (status = 404, description = "`ticket_not_found`: there is no such ticket."),
        (status = 413, description = "`too_large`: the file is larger than 25 MiB."),
        (status = 415, description = "`file_type_refused`: files of this kind are not taken. | `unsupported_media_type`: send a form."),
        (status = 422, description = "`ticket_closed`: nobody writes there any more."),
        (status = 429, description = "`too_many_attachments`: you have handed in many files already.")
    ),
    extensions(("x-permission" = json!([Permission::TicketsWrite.slug()])))
)]
async fn add_attachment(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(ticket): Path<String>,
    upload: Upload,
) -> Result<Answer<Attachment>, Problem> {
    attachments::add(&peers, &caller, (ticket, upload)).await
}

/// A file of a ticket
///
/// Those of notes are for staff only, and all of them need `customers.pii`. `Range` asks for a part of it.
#[utoipa::path(
    get, path = "/admin/v1/tickets/{id}/attachments/{attachment}", tag = "Tickets",
    params(
        ("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e"),
        ("attachment" = String, Path, description = "`att_…`", example = "att_01939b7e5d3c7a2c9d2f1e0b7c6a5d52")
    ),
    responses(
        (status = 200, description = "The file.", content((String = "*/*", example = "JFIF"))),
        (status = 206, description = "The part that was asked for.", content((String = "*/*", example = "JFIF"))),
        (status = 404, description = "`ticket_not_found`: there is no such ticket. | `attachment_not_found`: there is no such file."),
        (status = 416, description = "`range_not_satisfiable`: the file has no such part.")
    ),
    extensions(("x-permission" = json!([Permission::TicketsRead.slug(), Permission::CustomersPii.slug()])))
)]
async fn read_attachment(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(file): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    attachments::read((peers, caller), file, &headers).await
}
