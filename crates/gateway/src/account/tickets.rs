//! A shopper's support tickets, in every store (ST-3).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use proto::customers::v1::{
    AddTicketCommentRequest, GetTicketRequest, ListTicketCommentsRequest, ListTicketsRequest, OpenTicketRequest,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    admin::Pages,
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::Wanted,
        params::{NoParams, Params},
    },
    shape::{List, OwnTicket, OwnTicketComment, TicketReply},
    storefront::product_ids,
};

/// A ticket to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ShopperTicket, example = json!({
    "store": "sto_01939b7e5d3c7a2c9d2f1e0b7c6a5d40", "subject": "The lid does not fit", "text": "It came without a lid.",
}))]
pub struct NewTicket {
    /// One of one's own stores, `sto_…`.
    #[schema(format = "own-store", max_length = 36)]
    pub store: String,
    /// What it is about, 1 to 200 characters.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub subject: String,
    /// 1 to 10 000 characters, lines among them.
    #[schema(
        min_length = 1,
        max_length = 10_000,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub text: String,
    /// An order of one's own in that store.
    #[serde(default)]
    #[schema(example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", format = "own-order", max_length = 36)]
    pub order: Option<String>,
    /// At most 20 products of that store.
    #[serde(default)]
    #[schema(schema_with = product_ids)]
    pub products: Vec<String>,
}

/// One's own tickets
///
/// In every store, the newest first.
#[utoipa::path(
    get, path = "/account/v1/tickets", tag = "Tickets", operation_id = "list_tickets", params(Pages),
    responses((status = 200, body = List<OwnTicket>))
)]
pub async fn list(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<OwnTicket>>, Problem> {
    let page = Some(Wanted::read(params, &[])?.page);
    let found = peers.tickets().list_tickets(caller.ask(ListTicketsRequest { page, ..Default::default() })).await?;
    Ok(Answer::mapped(found, |found| List::new(found.tickets, found.page)))
}

/// Ask a store for help
///
/// Five tickets an hour at most.
#[utoipa::path(
    post, path = "/account/v1/tickets", tag = "Tickets", operation_id = "open_ticket", request_body = NewTicket,
    responses(
        (status = 201, body = OwnTicket),
        (status = 429, description = "`too_many_tickets`: you have opened several tickets already.")
    )
)]
pub async fn open(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(new): Body<NewTicket>,
) -> Result<Answer<OwnTicket>, Problem> {
    let NewTicket { store, subject, text, order, products } = new;
    let order = order.unwrap_or_default();
    let wanted = OpenTicketRequest { store, subject, text, order, products, ..OpenTicketRequest::default() };
    let opened = peers.tickets().open_ticket(caller.ask(wanted)).await?;
    Ok(Answer::<OwnTicket>::of(opened).tagged().status(StatusCode::CREATED))
}

/// A ticket of one's own
#[utoipa::path(
    get, path = "/account/v1/tickets/{id}", tag = "Tickets", operation_id = "get_ticket",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    responses(
        (status = 200, body = OwnTicket),
        (status = 404, description = "`ticket_not_found`: there is no such ticket of yours.")
    )
)]
pub async fn get(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<OwnTicket>, Problem> {
    Ok(Answer::<OwnTicket>::of(peers.tickets().get_ticket(caller.ask(GetTicketRequest { id })).await?).tagged())
}

/// What was written in a ticket of one's own
///
/// Oldest first.
#[utoipa::path(
    get, path = "/account/v1/tickets/{id}/comments", tag = "Tickets", operation_id = "list_ticket_comments",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e"), Pages),
    responses(
        (status = 200, body = List<OwnTicketComment>),
        (status = 404, description = "`ticket_not_found`: there is no such ticket of yours.")
    )
)]
pub async fn list_comments(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(ticket): Path<String>,
    params: Params,
) -> Result<Answer<List<OwnTicketComment>>, Problem> {
    let page = Some(Wanted::read(params, &[])?.page);
    let found = peers.tickets().list_ticket_comments(caller.ask(ListTicketCommentsRequest { ticket, page })).await?;
    Ok(Answer::mapped(found, |found| List::new(found.comments, found.page)))
}

/// Reply in a ticket of one's own
///
/// A reply to a closed ticket goes into a new one that follows it up: `ticket` says which.
#[utoipa::path(
    post, path = "/account/v1/tickets/{id}/comments", tag = "Tickets", operation_id = "add_ticket_comment",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    request_body = TicketReply,
    responses(
        (status = 201, body = OwnTicketComment),
        (status = 404, description = "`ticket_not_found`: there is no such ticket of yours. | `attachment_not_found`: there is no such file of yours for it."),
        (status = 409, description = "`attachment_used`: a file went with another comment already."),
        (status = 422, description = "`ticket_closed`: nobody is there any more to answer."),
        (status = 429, description = "`too_many_comments`, `too_many_tickets`: you have written very often.")
    )
)]
pub async fn reply(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(ticket): Path<String>,
    Body(TicketReply { text, attachments }): Body<TicketReply>,
) -> Result<Answer<OwnTicketComment>, Problem> {
    let wanted = AddTicketCommentRequest { ticket, text, attachments, ..AddTicketCommentRequest::default() };
    let written = peers.tickets().add_ticket_comment(caller.ask(wanted)).await?;
    Ok(Answer::of(written).status(StatusCode::CREATED))
}
