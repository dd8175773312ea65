//! Support tickets, for staff (ST-1, ST-2).
use std::sync::Arc;

use axum::extract::{Path, State};
use http::StatusCode;
use kit::permission::Permission;
use proto::customers::v1::{
    FollowUpTicketRequest, GetTicketRequest, ListTicketsRequest, OpenTicketRequest, TicketTexts, UpdateTicketRequest,
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    list_query::{Filters, Pages, TicketSearch, TicketSorts, Totals},
    ticket::Ticket,
};
use crate::{
    answer::Answer,
    caller::Caller,
    peers::Peers,
    problem::Problem,
    request::{
        body::Body,
        list::{Extra, Offer, Wanted},
        params::{NoParams, Params},
        patch::or_nothing,
    },
    router::Gateway,
    shape::List,
    storefront::product_ids,
};

/// The routes about tickets.
pub fn routes() -> OpenApiRouter<Gateway> {
    OpenApiRouter::new()
        .routes(routes!(list_tickets, open_ticket))
        .routes(routes!(get_ticket, update_ticket))
        .routes(routes!(follow_up_ticket))
        .routes(routes!(list_customer_tickets))
}

/// What tickets can be asked for.
pub const OFFER: Offer = &[Extra::Search, Extra::Filters, Extra::Sorts, Extra::Total];

/// A ticket to open for a customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StaffTicket, example = json!({
    "customer": "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41", "subject": "The lid does not fit",
    "text": "You called us about the lid.", "products": ["prd_01939b7e5d3c7a2c9d2f1e0b7c6a5d46"], "priority": "high",
    "tags": ["parcel"],
}))]
pub struct NewTicket {
    /// Whose it is, `cus_…`.
    #[schema(pattern = "^cus_[0-9a-f]{32}$")]
    pub customer: String,
    /// Store to open it in; the one that the caller works in without it.
    #[serde(default)]
    #[schema(format = "own-store", max_length = 36)]
    pub store: Option<String>,
    /// What it is about, 1 to 200 characters.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub subject: String,
    /// 1 to 10 000 characters, lines among them: sent to the customer unless it is internal.
    #[schema(
        min_length = 1,
        max_length = 10_000,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub text: String,
    /// Whether the text is for staff only.
    #[serde(default)]
    pub internal: bool,
    /// An order of the customer in that store.
    #[serde(default)]
    #[schema(example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", format = "own-order", max_length = 36)]
    pub order: Option<String>,
    /// At most 20 products of that store.
    #[serde(default)]
    #[schema(schema_with = product_ids)]
    pub products: Vec<String>,
    /// `low`, `normal` (without it), `high` or `urgent`.
    #[serde(default)]
    #[schema(pattern = "^(low|normal|high|urgent)$")]
    pub priority: Option<String>,
    /// Who is to see to it, `stf_…`: somebody who works for the store.
    #[serde(default)]
    #[schema(format = "colleague", max_length = 36)]
    pub assignee: Option<String>,
    /// At most 20 tags.
    #[serde(default)]
    #[schema(schema_with = tags)]
    pub tags: Vec<String>,
}

/// Tags of a ticket or an order.
pub fn tags() -> utoipa::openapi::schema::Array {
    use utoipa::openapi::{ObjectBuilder, Type, schema::ArrayBuilder};
    let tag = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(50))
        .pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"));
    ArrayBuilder::new().items(tag).max_items(Some(20)).build()
}

/// Changes to a ticket: what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"status": "solved", "priority": "low", "tags": ["parcel", "lid"]}))]
pub struct TicketChanges {
    /// What it is about.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    pub subject: Option<String>,
    /// `open`, `pending`, `solved` or, for good, `closed`.
    #[serde(default)]
    #[schema(pattern = "^(open|pending|solved|closed)$")]
    pub status: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    #[serde(default)]
    #[schema(pattern = "^(low|normal|high|urgent)$")]
    pub priority: Option<String>,
    /// Who is to see to it, `stf_…`; `null` for nobody.
    #[serde(default, deserialize_with = "or_nothing")]
    #[schema(format = "colleague", max_length = 36)]
    pub assignee: Option<String>,
    /// All tags.
    #[serde(default)]
    #[schema(schema_with = tags)]
    pub tags: Option<Vec<String>>,
    /// Order that it is about; `null` for none.
    #[serde(default, deserialize_with = "or_nothing")]
    #[schema(example = "ord_01939b7e5d3c7a2c9d2f1e0b7c6a5d42", format = "own-order", max_length = 36)]
    pub order: Option<String>,
    /// All products that it is about.
    #[serde(default)]
    #[schema(schema_with = product_ids)]
    pub products: Option<Vec<String>>,
}

/// Where a ticket goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "We have found your lid."}))]
pub struct FollowUp {
    /// 1 to 10 000 characters, lines among them.
    #[schema(
        min_length = 1,
        max_length = 10_000,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    )]
    pub text: String,
    /// Whether it is for staff only.
    #[serde(default)]
    pub internal: bool,
}

/// Tickets of `customer`, of anybody when that is empty.
pub async fn list(
    peers: &Peers,
    caller: &Caller,
    customer: String,
    wanted: Wanted,
) -> Result<Answer<List<Ticket>>, Problem> {
    let Wanted { search: query, filter, sort, page } = wanted;
    let wanted = ListTicketsRequest { customer, query, filter, sort, page: Some(page) };
    let found = peers.tickets().list_tickets(caller.ask(wanted)).await?;
    Ok(Answer::mapped(found, |found| List::new(found.tickets, found.page)))
}

/// Support tickets
///
/// Those first that changed last. `q` looks for a number or an id, and with `customers.pii` for a part of what was written.
#[utoipa::path(
    get, path = "/admin/v1/tickets", tag = "Tickets", params(Pages, Totals, TicketSearch, TicketSorts, Filters),
    responses((status = 200, body = List<Ticket>)),
    extensions(("x-permission" = json!([Permission::TicketsRead.slug()])))
)]
async fn list_tickets(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    params: Params,
) -> Result<Answer<List<Ticket>>, Problem> {
    list(&peers, &caller, String::new(), Wanted::read(params, OFFER)?).await
}

/// A customer's tickets
///
/// Takes the same as the list of tickets.
#[utoipa::path(
    get, path = "/admin/v1/customers/{id}/tickets", tag = "Customers",
    params(
        ("id" = String, Path, description = "`cus_…`", example = "cus_01939b7e5d3c7a2c9d2f1e0b7c6a5d41"),
        Pages, Totals, TicketSearch, TicketSorts, Filters
    ),
    responses((status = 200, body = List<Ticket>), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::CustomersRead.slug(), Permission::TicketsRead.slug()])))
)]
async fn list_customer_tickets(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    Path(id): Path<String>,
    params: Params,
) -> Result<Answer<List<Ticket>>, Problem> {
    let wanted = Wanted::read(params, OFFER)?;
    let known = super::profile::customer(&peers, &caller, id.clone());
    let (_, list) = tokio::try_join!(known, list(&peers, &caller, id, wanted))?;
    Ok(list)
}

/// Open a ticket for a customer
///
/// They get the text by mail, unless it is internal.
#[utoipa::path(
    post, path = "/admin/v1/tickets", tag = "Tickets", request_body = NewTicket,
    responses((status = 201, body = Ticket), (status = 404, description = "`customer_not_found`: there is no such customer.")),
    extensions(("x-permission" = json!([Permission::TicketsWrite.slug()])))
)]
async fn open_ticket(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Body(new): Body<NewTicket>,
) -> Result<Answer<Ticket>, Problem> {
    let wanted = OpenTicketRequest {
        customer: new.customer,
        store: new.store.unwrap_or_default(),
        subject: new.subject,
        text: new.text,
        order: new.order.unwrap_or_default(),
        products: new.products,
        priority: new.priority.unwrap_or_default(),
        assignee: new.assignee.unwrap_or_default(),
        tags: new.tags,
        internal: new.internal,
    };
    let opened = peers.tickets().open_ticket(caller.ask(wanted)).await?;
    Ok(Answer::<Ticket>::of(opened).tagged().status(StatusCode::CREATED))
}

/// A ticket
#[utoipa::path(
    get, path = "/admin/v1/tickets/{id}", tag = "Tickets",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    responses((status = 200, body = Ticket), (status = 404, description = "`ticket_not_found`: there is no such ticket.")),
    extensions(("x-permission" = json!([Permission::TicketsRead.slug()])))
)]
async fn get_ticket(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
) -> Result<Answer<Ticket>, Problem> {
    Ok(Answer::<Ticket>::of(peers.tickets().get_ticket(caller.ask(GetTicketRequest { id })).await?).tagged())
}

/// Change a ticket
///
/// What is closed stays as it is.
#[utoipa::path(
    patch, path = "/admin/v1/tickets/{id}", tag = "Tickets",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    request_body = TicketChanges,
    responses(
        (status = 200, body = Ticket),
        (status = 404, description = "`ticket_not_found`: there is no such ticket."),
        (status = 412, description = "`stale_version`: the ticket was changed in the meantime."),
        (status = 422, description = "`ticket_closed`: it is closed; open one that follows it up.")
    ),
    extensions(("x-permission" = json!([Permission::TicketsWrite.slug()])))
)]
async fn update_ticket(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(changes): Body<TicketChanges>,
) -> Result<Answer<Ticket>, Problem> {
    let texts = |texts: Option<Vec<String>>| texts.map(|texts| TicketTexts { texts });
    let TicketChanges { subject, status, priority, assignee, tags, order, products } = changes;
    let (tags, products) = (texts(tags), texts(products));
    let wanted = UpdateTicketRequest { id, subject, status, priority, assignee, tags, order, products };
    Ok(Answer::<Ticket>::of(peers.tickets().update_ticket(caller.ask(wanted)).await?).tagged())
}

/// Go on from a closed ticket
///
/// In a new one, about the same. The customer gets the text by mail, unless it is internal.
#[utoipa::path(
    post, path = "/admin/v1/tickets/{id}/follow-ups", tag = "Tickets",
    params(("id" = String, Path, description = "`tkt_…`", example = "tkt_01939b7e5d3c7a2c9d2f1e0b7c6a5d4e")),
    request_body = FollowUp,
    responses(
        (status = 201, body = Ticket),
        (status = 404, description = "`ticket_not_found`, `customer_not_found`: there is no such ticket, or nobody any more whose it was."),
        (status = 422, description = "`ticket_not_closed`: it takes replies still.")
    ),
    extensions(("x-permission" = json!([Permission::TicketsWrite.slug()])))
)]
async fn follow_up_ticket(
    State(peers): State<Arc<Peers>>,
    caller: Caller,
    _: NoParams,
    Path(id): Path<String>,
    Body(FollowUp { text, internal }): Body<FollowUp>,
) -> Result<Answer<Ticket>, Problem> {
    let wanted = FollowUpTicketRequest { id, text, internal };
    let opened = peers.tickets().follow_up_ticket(caller.ask(wanted)).await?;
    Ok(Answer::<Ticket>::of(opened).tagged().status(StatusCode::CREATED))
}
