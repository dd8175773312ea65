//! The RPCs of tickets: authorise, parse, open tx, call, encode.
use chrono::TimeDelta;
use kit::{
    Call, Db,
    clock::{Clock, timestamp},
    ids::{StaffId, StoreId, TicketId},
    page::{Pager, total},
    permission::Permission,
    personal::redact,
    reads::Reads,
    transport::Transport,
};
use proto::{
    customers::v1::{self as pb, ticket_service_server::TicketService},
    identity::v1::{
        GetCurrentStaffRequest, shopper_service_client::ShopperServiceClient, staff_service_client::StaffServiceClient,
    },
};
use tonic::{Request, Response, Status};

use super::{
    Ticket,
    change::change_ticket,
    colleagues::Colleagues,
    follow_up::{FollowUp, follow_up},
    letter,
    links::{Links, Matter},
    list::Query,
    open::{Author, OpenTicket, open_ticket},
    reply::{Reply, reply},
    store::{self, Row},
    thread,
    ticket::{Change, Timing},
    viewer::Viewer,
};
use crate::{Error, customer::Customer, key::Keys, shops::Shops};

/// The server of ticket RPCs.
pub struct Tickets {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) pager: Pager,
    pub(crate) reads: Reads,
    pub(crate) keys: Keys,
    pub(crate) staff: StaffServiceClient<Transport>,
    pub(crate) shoppers: ShopperServiceClient<Transport>,
    pub(crate) colleagues: Colleagues,
    pub(crate) links: Links,
    pub(crate) shops: Shops,
    /// How long a solved ticket stays open to a reply.
    pub(crate) keep: TimeDelta,
}

impl Tickets {
    fn timing(&self) -> Timing {
        Timing { now: self.clock.now(), keep: self.keep }
    }

    async fn viewer(&self, call: &Call, needed: Permission) -> Result<Viewer, Error> {
        Viewer::of(self.db.pool(), &self.shoppers, (call, needed)).await
    }

    /// The ticket `id` as `viewer` may see it.
    async fn found(&self, viewer: &Viewer, id: &str) -> Result<Row, Error> {
        let id: TicketId = id.parse().map_err(|_| Error::TicketNotFound)?;
        store::find(self.db.pool(), viewer, id).await?.ok_or(Error::TicketNotFound)
    }

    /// Who writes. A reply does not wait for a name that cannot be had.
    async fn author(&self, call: &Call, viewer: &Viewer) -> Result<Author, Error> {
        let actor = call.actor()?;
        let id = actor.subject.clone();
        if !viewer.is_staff() {
            return Ok(Author { id, name: String::new(), is_customer: true });
        }
        let named = actor.staff().is_some();
        let asked = call.forward(GetCurrentStaffRequest {});
        let staff = if named { self.staff.clone().get_current_staff(asked).await.ok() } else { None };
        let name = staff.map(|staff| staff.into_inner().name).unwrap_or_default();
        Ok(Author { id, name, is_customer: false })
    }

    /// The name of who is to see to a ticket: of `chosen`, who must work for the store, or of whoever did `before`.
    async fn assignee(
        &self,
        call: &Call,
        store: StoreId,
        (chosen, before): (Option<StaffId>, Option<StaffId>),
    ) -> Result<String, Error> {
        match (chosen, before) {
            (Some(staff), _) => self.colleagues.check(call, store, staff).await,
            (None, Some(staff)) => Ok(self.colleagues.find(call, store, staff).await),
            (None, None) => Ok(String::new()),
        }
    }

    async fn listed(&self, call: &Call, request: &pb::ListTicketsRequest) -> Result<pb::ListTicketsResponse, Error> {
        let viewer = self.viewer(call, Permission::TicketsRead).await?;
        let query = Query::parse(request, viewer.clone(), call.actor()?.sees_pii())?;
        let context = query.context();
        let page = self.pager.read(request.page.as_ref(), &context)?;
        let rows = query.page(self.db.pool(), &page).await?;
        let (rows, mut place) = self.pager.finish(&page, rows, &context, |row| query.key(row));
        if page.total {
            place.total = total(query.count(self.db.pool()).await?);
        }
        self.reads.note(call, rows.iter().map(|row| row.ticket.customer));
        let mut tickets: Vec<_> = rows.into_iter().map(told).collect();
        if viewer.is_staff() {
            self.colleagues.name(call, &mut tickets).await;
        }
        let tickets = tickets.into_iter().map(|ticket| show(call, &viewer, ticket)).collect::<Result<_, _>>()?;
        Ok(pb::ListTicketsResponse { tickets, page: Some(place) })
    }
}

/// As whoever sent `call` may see it (ID-23): customers see theirs, and nothing of how staff work with it.
fn show(call: &Call, viewer: &Viewer, mut ticket: pb::Ticket) -> Result<pb::Ticket, Error> {
    if !viewer.is_staff() {
        (ticket.assignee, ticket.assignee_name, ticket.tags) = (String::new(), String::new(), Vec::new());
        return Ok(ticket);
    }
    Ok(if call.actor()?.sees_pii() { ticket } else { redact(ticket) })
}

/// A ticket that has just been written, with its customer and the name of who sees to it.
fn written(ticket: Ticket, of: Option<Customer>, assignee_name: String) -> pb::Ticket {
    let (customer_name, customer_email) = of.map(|of| (of.name, of.email)).unwrap_or_default();
    let is_anybody = ticket.assignee.is_some();
    let told = told(Row { ticket, customer_name, customer_email });
    pb::Ticket { assignee_name: if is_anybody { assignee_name } else { String::new() }, ..told }
}

/// A comment as whoever sent `call` may see it: customers see a name where staff wrote, and no id.
fn show_comment(call: &Call, viewer: &Viewer, mut told: pb::TicketComment) -> Result<pb::TicketComment, Error> {
    if viewer.is_staff() {
        return Ok(if call.actor()?.sees_pii() { told } else { redact(told) });
    }
    if told.by == "staff" {
        told.author = String::new();
    }
    Ok(told)
}

fn told(row: Row) -> pb::Ticket {
    let Row { ticket, customer_name, customer_email } = row;
    pb::Ticket {
        id: ticket.id.into(),
        realm: ticket.realm.into(),
        store: ticket.store.into(),
        number: ticket.number,
        customer: ticket.customer.into(),
        subject: ticket.subject,
        status: ticket.status.slug().to_owned(),
        priority: ticket.priority.slug().to_owned(),
        assignee: ticket.assignee.map(String::from).unwrap_or_default(),
        assignee_name: String::new(),
        channel: ticket.channel.slug().to_owned(),
        order: ticket.order.map(String::from).unwrap_or_default(),
        products: ticket.products.into_iter().map(String::from).collect(),
        tags: ticket.tags,
        follows: ticket.follows.map(String::from).unwrap_or_default(),
        customer_name,
        customer_email,
        created_at: Some(timestamp(ticket.created_at)),
        updated_at: Some(timestamp(ticket.updated_at)),
        solved_at: ticket.solved_at.map(timestamp),
        closes_at: ticket.closes_at.map(timestamp),
        version: ticket.version,
        redacted: Vec::new(),
    }
}

#[tonic::async_trait]
impl TicketService for Tickets {
    async fn open_ticket(&self, request: Request<pb::OpenTicketRequest>) -> Result<Response<pb::Ticket>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let viewer = self.viewer(&call, Permission::TicketsWrite).await?;
        let author = self.author(&call, &viewer).await?;
        let input = OpenTicket::parse(&request, (&viewer, call.actor()?.store), author)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        if call.actor()?.store.is_none() {
            self.shops.get(input.scope.realm, input.store).await?;
        }
        let matter = input.matter(self.db.pool()).await?;
        self.links.check((self.db.pool(), &call), matter, (input.order, &input.products)).await?;
        let name = self.assignee(&call, input.store, (input.assignee, None)).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (ticket, customer) = open_ticket(&mut tx, (&call, &self.keys), input, self.timing()).await?;
        Ok(tx.answer(show(&call, &viewer, written(ticket, Some(customer), name))?).await?)
    }

    async fn get_ticket(&self, request: Request<pb::GetTicketRequest>) -> Result<Response<pb::Ticket>, Status> {
        let call = Call::of(&request)?;
        let viewer = self.viewer(&call, Permission::TicketsRead).await?;
        let row = self.found(&viewer, &request.get_ref().id).await?;
        self.reads.note(&call, [row.ticket.customer]);
        let mut ticket = told(row);
        if viewer.is_staff() {
            self.colleagues.name(&call, std::slice::from_mut(&mut ticket)).await;
        }
        Ok(Response::new(show(&call, &viewer, ticket)?))
    }

    async fn list_tickets(
        &self,
        request: Request<pb::ListTicketsRequest>,
    ) -> Result<Response<pb::ListTicketsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.listed(&call, request.get_ref()).await?))
    }

    async fn update_ticket(&self, request: Request<pb::UpdateTicketRequest>) -> Result<Response<pb::Ticket>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        call.actor()?.require(Permission::TicketsWrite)?;
        let viewer = self.viewer(&call, Permission::TicketsWrite).await?;
        let change = Change::parse(&request)?;
        if let Some(answer) = self.db.replayed(&call).await? {
            return Ok(answer);
        }
        let seen = self.found(&viewer, &request.id).await?.ticket;
        let matter = Matter { realm: seen.realm, store: seen.store, customer: seen.customer };
        let (order, products) = change.links(&seen);
        self.links.check((self.db.pool(), &call), matter, (order, &products)).await?;
        let chosen = change.assignee(seen.assignee);
        let name = self.assignee(&call, seen.store, (chosen, seen.assignee)).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (ticket, customer) = change_ticket(&mut tx, (&call, &self.keys), (change, &seen), self.timing()).await?;
        Ok(tx.answer(show(&call, &viewer, written(ticket, customer, name))?).await?)
    }

    async fn follow_up_ticket(
        &self,
        request: Request<pb::FollowUpTicketRequest>,
    ) -> Result<Response<pb::Ticket>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        call.actor()?.require(Permission::TicketsWrite)?;
        let viewer = self.viewer(&call, Permission::TicketsWrite).await?;
        let input = FollowUp::parse(&request, self.author(&call, &viewer).await?)?;
        let closed = self.found(&viewer, &request.id).await?.ticket;
        let name = self.assignee(&call, closed.store, (None, closed.assignee)).await?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let (ticket, customer) = follow_up(&mut tx, (&call, &self.keys), (input, &closed), self.timing()).await?;
        Ok(tx.answer(show(&call, &viewer, written(ticket, Some(customer), name))?).await?)
    }

    async fn add_ticket_comment(
        &self,
        request: Request<pb::AddTicketCommentRequest>,
    ) -> Result<Response<pb::TicketComment>, Status> {
        let (call, request) = (Call::of(&request)?, request.into_inner());
        let viewer = self.viewer(&call, Permission::TicketsWrite).await?;
        let ticket = self.found(&viewer, &request.ticket).await?.ticket;
        let author = self.author(&call, &viewer).await?;
        let input = Reply::parse(&request, viewer.clone(), author)?;
        let mut tx = self.db.begin(&call).await?;
        if let Some(answer) = tx.replayed()? {
            return Ok(answer);
        }
        let comment = reply(&mut tx, (&call, &self.keys), (input, &ticket), self.timing()).await?;
        let told = thread::with_files(&mut *tx, (vec![comment], viewer.is_staff())).await?;
        let told = told.into_iter().next().ok_or(Error::TicketNotFound)?;
        Ok(tx.answer(show_comment(&call, &viewer, told)?).await?)
    }

    async fn list_ticket_comments(
        &self,
        request: Request<pb::ListTicketCommentsRequest>,
    ) -> Result<Response<pb::ListTicketCommentsResponse>, Status> {
        let call = Call::of(&request)?;
        let viewer = self.viewer(&call, Permission::TicketsRead).await?;
        let (written, page, customer) = thread::list((&self.db, &self.pager), &viewer, request.get_ref()).await?;
        self.reads.note(&call, [customer]);
        let told = thread::with_files(self.db.pool(), (written, viewer.is_staff())).await?.into_iter();
        let comments = told.map(|comment| show_comment(&call, &viewer, comment)).collect::<Result<_, _>>()?;
        Ok(Response::new(pb::ListTicketCommentsResponse { comments, page: Some(page) }))
    }

    async fn get_ticket_letter(
        &self,
        request: Request<pb::GetTicketLetterRequest>,
    ) -> Result<Response<pb::TicketLetter>, Status> {
        Call::of(&request)?.actor()?.require_system()?;
        Ok(Response::new(letter::letter(&self.db, request.get_ref()).await?))
    }
}
