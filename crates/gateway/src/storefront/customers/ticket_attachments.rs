//! Files of support tickets of one's own (ST-2).
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::HeaderMap;

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

/// Hand in a file for a ticket of one's own
///
/// Pictures (JPEG, PNG, GIF, WebP, HEIC), PDF, text and ZIP archives, told by what they hold. Nobody sees it until a comment
/// of yours names it, and it is gone after a day without.
#[utoipa::path(
    post, path = "/storefront/v1/customers/tickets/{id}/attachments", tag = "Tickets", operation_id = "add_attachment",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, body = Attachment),
        (status = 403, description = "`registration_required`: guests have no tickets here."),
        (status = 404, description = "`ticket_not_found`: there is no such ticket of yours."),
        (status = 413, description = "`too_large`: the file is larger than 25 MiB."),
        (status = 415, description = "`file_type_refused`: files of this kind are not taken. | `unsupported_media_type`: send a form."),
        (status = 422, description = "`ticket_closed`: nobody writes there any more."),
        (status = 429, description = "`too_many_attachments`: you have handed in many files already.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
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

/// A file of a ticket of one's own
///
/// `Range` asks for a part of it.
#[utoipa::path(
    get, path = "/storefront/v1/customers/tickets/{id}/attachments/{attachment}", tag = "Tickets", operation_id = "read_attachment",
    params(
        ("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e"),
        ("attachment" = String, Path, description = "`att_…`", example = "att_01939b7e5d3c7a2c9d2f1e0b7c6a5d52")
    ),
    responses(
        (status = 200, description = "The file.", content((String = "*/*", example = "JFIF"))),
        (status = 206, description = "The part that was asked for.", content((String = "*/*", example = "JFIF"))),
        (status = 403, description = "`registration_required`: guests have no tickets here."),
        (status = 404, description = "`ticket_not_found`: there is no such ticket of yours. | `attachment_not_found`: there is no such file."),
        (status = 416, description = "`range_not_satisfiable`: the file has no such part.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
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
