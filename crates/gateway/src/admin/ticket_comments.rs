//! What is written in support tickets (ST-2).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::customers::v1::{AddTicketCommentRequest, ListTicketCommentsRequest};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{list_query::Pages, ticket::TicketComment};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::Wanted,
        params::{NoParams, Params},
    },
    router::Gateway,
    shape::{List, attachment_ids},
};

/// The routes about comments.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new().routes(routes!(list_ticket_comments, add_ticket_comment))
}

/// Something to write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "We send you another one.", "public": true, "status": "pending"}))]
pub struct NewComment {
    /// 1 to 10 000 characters, lines among them.
    #[schema(
        min_length = 1,
        max_length = 10_000,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub text: String,
    /// Whether the customer gets it; what is not public is a note that only staff ever see.
    pub public: bool,
    /// What the ticket is since: `open`, `pending` or `solved`. Without it a public reply makes it `pending`, and a note
    /// leaves it as it is.
    #[serde(default)]
    #[schema(pattern = "^(open|pending|solved)$")]
    pub status: Option<String>,
    /// At most ten files that the caller has handed in for this ticket, `att_…`.
    #[serde(default)]
    #[schema(schema_with = attachment_ids)]
    pub attachments: Vec<String>,
}

/// What was written in a ticket
///
/// Oldest first, what staff note among it. Masked without `customers.pii`.
#[utoipa::path(
    get, path = "/admin/v1/tickets/{id}/comments", tag = "Tickets",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e"), Pages),
    responses((status = 200, body = List<TicketComment>), (status = 404, description = "`ticket_not_found`: there is no such ticket.")),
    extensions(("x-permission" = json!([Permission::TicketsRead.slug()])))
)]
async fn list_ticket_comments(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(ticket): Path<String>,
    params: Params,
) -> Result<Answer<List<TicketComment>>, Problem> {
    let page = Some(Wanted::read(params, &[])?.page);
    let found = peers.tickets().list_ticket_comments(caller.ask(ListTicketCommentsRequest { ticket, page })).await?;
    Ok(Answer::mapped(found, |found| List::new(found.comments, found.page)))
}

/// Reply to a customer, or note something
#[utoipa::path(
    post, path = "/admin/v1/tickets/{id}/comments", tag = "Tickets",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    request_body = NewComment,
    responses(
        (status = 201, body = TicketComment),
        (status = 404, description = "`ticket_not_found`: there is no such ticket. | `attachment_not_found`: there is no such file of yours for it."),
        (status = 409, description = "`attachment_used`: a file went with another comment already."),
        (status = 422, description = "`ticket_closed`: it is closed; open one that follows it up.")
    ),
    extensions(("x-permission" = json!([Permission::TicketsWrite.slug()])))
)]
async fn add_ticket_comment(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(ticket): Path<String>,
    Body(NewComment { text, public, status, attachments }): Body<NewComment>,
) -> Result<Answer<TicketComment>, Problem> {
    let status = status.unwrap_or_default();
    let wanted = AddTicketCommentRequest { ticket, text, internal: !public, status, attachments };
    let written = peers.tickets().add_ticket_comment(caller.ask(wanted)).await?;
    Ok(Answer::of(written).status(StatusCode::CREATED))
}
