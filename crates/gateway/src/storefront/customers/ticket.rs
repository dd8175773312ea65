//! A customer's own support tickets (ST-3).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use proto::{
    base::v1::PageRequest,
    customers::v1::{
        AddTicketCommentRequest, GetTicketRequest, ListTicketCommentsRequest, ListTicketsRequest, OpenTicketRequest,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{body::Body, params::Params},
    shape::{OwnTicket, OwnTicketComment, TicketReply},
};

/// Most of what was written in one ticket that is shown here: an hour takes thirty of a customer.
const LONGEST: usize = 1_000;

/// A ticket to open.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({
    "subject": "The lid does not fit", "text": "It came without a lid.",
    "products": ["prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46"],
}))]
pub struct NewTicket {
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
    /// An order of one's own.
    #[serde(default)]
    #[schema(example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", format = "own-order", max_length = 36)]
    pub order: Option<String>,
    /// At most 20 products.
    #[serde(default)]
    #[schema(schema_with = product_ids)]
    pub products: Vec<String>,
}

/// Ids of products of the store.
pub fn product_ids() -> utoipa::openapi::schema::Array {
    use utoipa::openapi::{
        ObjectBuilder, Type,
        schema::{ArrayBuilder, SchemaFormat},
    };
    let id = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(36))
        .format(Some(SchemaFormat::Custom("own-product".to_owned())))
        .examples(["prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46"]);
    ArrayBuilder::new().items(id).max_items(Some(20)).build()
}

/// One's own tickets
///
/// The newest hundred at most, the newest first. For registered customers.
#[utoipa::path(
    get, path = "/storefront/v1/customers/tickets", tag = "Tickets", operation_id = "list_tickets",
    params(("limit" = Option<u32>, Query, description = "rows wanted, 1 to 100", minimum = 1, maximum = 100, example = 25)),
    responses(
        (status = 200, body = Vec<OwnTicket>),
        (status = 403, description = "`registration_required`: guests have no tickets here.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn list(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    mut params: Params,
) -> Result<Answer<Vec<OwnTicket>>, Problem> {
    let page = Some(PageRequest { limit: params.limit()?, ..PageRequest::default() });
    let found = peers.tickets().list_tickets(caller.ask(ListTicketsRequest { page, ..Default::default() })).await?;
    Ok(Answer::mapped(found, |found| found.tickets.into_iter().map(Into::into).collect()))
}

/// Ask for help
///
/// Five tickets an hour at most.
#[utoipa::path(
    post, path = "/storefront/v1/customers/tickets", tag = "Tickets", operation_id = "open_ticket",
    request_body = NewTicket,
    responses(
        (status = 201, body = OwnTicket),
        (status = 403, description = "`registration_required`: guests have no tickets here."),
        (status = 429, description = "`too_many_tickets`: you have opened several tickets already.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn open(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Body(new): Body<NewTicket>,
) -> Result<Answer<OwnTicket>, Problem> {
    let NewTicket { subject, text, order, products } = new;
    let order = order.unwrap_or_default();
    let wanted = OpenTicketRequest { subject, text, order, products, ..OpenTicketRequest::default() };
    let opened = peers.tickets().open_ticket(caller.ask(wanted)).await?;
    Ok(Answer::<OwnTicket>::of(opened).tagged().status(StatusCode::CREATED))
}

/// A ticket of one's own
#[utoipa::path(
    get, path = "/storefront/v1/customers/tickets/{id}", tag = "Tickets", operation_id = "get_ticket",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    responses(
        (status = 200, body = OwnTicket),
        (status = 403, description = "`registration_required`: guests have no tickets here."),
        (status = 404, description = "`ticket_not_found`: there is no such ticket of yours.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn get(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer<OwnTicket>, Problem> {
    Ok(Answer::<OwnTicket>::of(peers.tickets().get_ticket(caller.ask(GetTicketRequest { id })).await?).tagged())
}

/// What was written in a ticket of one's own
///
/// Oldest first.
#[utoipa::path(
    get, path = "/storefront/v1/customers/tickets/{id}/comments", tag = "Tickets",
    operation_id = "list_ticket_comments",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    responses(
        (status = 200, body = Vec<OwnTicketComment>),
        (status = 403, description = "`registration_required`: guests have no tickets here."),
        (status = 404, description = "`ticket_not_found`: there is no such ticket of yours.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn list_comments(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(ticket): Path<String>,
) -> Result<Answer<Vec<OwnTicketComment>>, Problem> {
    let (mut written, mut after) = (Vec::new(), String::new());
    while written.len() < LONGEST {
        let page = Some(PageRequest { limit: 100, after, ..PageRequest::default() });
        let wanted = ListTicketCommentsRequest { ticket: ticket.clone(), page };
        let found = peers.tickets().list_ticket_comments(caller.ask(wanted)).await?.into_inner();
        written.extend(found.comments.into_iter().map(Into::into));
        after = found.page.unwrap_or_default().next;
        if after.is_empty() {
            break;
        }
    }
    Ok(Answer::new(written))
}

/// Reply in a ticket of one's own
///
/// A reply to a closed ticket goes into a new one that follows it up: `ticket` says which.
#[utoipa::path(
    post, path = "/storefront/v1/customers/tickets/{id}/comments", tag = "Tickets",
    operation_id = "add_ticket_comment",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    request_body = TicketReply,
    responses(
        (status = 201, body = OwnTicketComment),
        (status = 403, description = "`registration_required`: guests have no tickets here."),
        (status = 404, description = "`ticket_not_found`: there is no such ticket of yours. | `attachment_not_found`: there is no such file of yours for it."),
        (status = 409, description = "`attachment_used`: a file went with another comment already."),
        (status = 422, description = "`ticket_closed`: nobody is there any more to answer."),
        (status = 429, description = "`too_many_comments`, `too_many_tickets`: you have written very often.")
    ),
    security(("publishable_key" = [], "customer_token" = []))
)]
pub async fn reply(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(ticket): Path<String>,
    Body(TicketReply { text, attachments }): Body<TicketReply>,
) -> Result<Answer<OwnTicketComment>, Problem> {
    let wanted = AddTicketCommentRequest { ticket, text, attachments, ..AddTicketCommentRequest::default() };
    let written = peers.tickets().add_ticket_comment(caller.ask(wanted)).await?;
    Ok(Answer::of(written).status(StatusCode::CREATED))
}
