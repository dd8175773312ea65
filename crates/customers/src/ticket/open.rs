//! Opens a ticket (ST-1, ST-3).
use kit::{
    Call, Tx,
    audit::{Entry, json},
    failure::Violation,
    ids::{CustomerId, OrderId, ProductId, RealmId, StaffId, StoreId, TicketCommentId, TicketId},
    pool::Pool,
};
use proto::customers::v1 as pb;

use super::{
    Channel, Comment, Priority, Status, Ticket,
    comment::{products, subject, tags, text},
    events,
    links::Matter,
    store,
    ticket::Timing,
    viewer::{Own, Viewer},
};
use crate::{
    Error,
    customer::{Customer, Scope, store as customers},
    fields::Fields,
    key::Keys,
    record::told::record,
};

/// Most tickets that a customer opens in an hour.
const MOST: i64 = 5;

/// A ticket to open.
#[derive(Clone, Debug)]
pub struct OpenTicket {
    pub(super) scope: Scope,
    pub(super) store: StoreId,
    pub(super) customer: CustomerId,
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) order: Option<OrderId>,
    pub(super) products: Vec<ProductId>,
    pub(super) priority: Priority,
    pub(super) assignee: Option<StaffId>,
    pub(super) tags: Vec<String>,
    pub(super) channel: Channel,
    pub(super) internal: bool,
    pub(super) follows: Option<TicketId>,
    pub(super) author: Author,
}

/// Who writes.
#[derive(Clone, Debug)]
pub struct Author {
    /// `cus_…`, `stf_…` or `akey_…`.
    pub id: String,
    /// The name of a member of the staff.
    pub name: String,
    /// Whether it is the customer, or whoever acts in their name.
    pub is_customer: bool,
}

impl OpenTicket {
    /// Reads a request by `viewer`, in the `present` store where the caller works or shops.
    pub fn parse(
        request: &pb::OpenTicketRequest,
        (viewer, present): (&Viewer, Option<StoreId>),
        author: Author,
    ) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let (subject, text) = (subject(&request.subject, &mut fields), text(&request.text, &mut fields));
        let order = (!request.order.is_empty()).then(|| fields.id("/order", &request.order)).flatten();
        let products = products(&request.products, &mut fields);
        let assignee = (!request.assignee.is_empty()).then(|| fields.id("/assignee", &request.assignee)).flatten();
        let tags = tags(&request.tags, &mut fields);
        let named = (!request.store.is_empty()).then(|| fields.id("/store", &request.store)).flatten();
        fields.finish()?;
        let priority = if request.priority.is_empty() { Priority::Normal } else { Priority::parse(&request.priority)? };
        let (scope, store, customer) = whose(request, (viewer, present), named)?;
        let channel = match viewer {
            Viewer::Staff(_) => Channel::Staff,
            Viewer::Own(channel, _) => *channel,
        };
        let staff = viewer.is_staff();
        Ok(Self {
            scope,
            store,
            customer,
            subject,
            text,
            order,
            products,
            // How urgent it is, and whose it is, the staff say.
            priority: if staff { priority } else { Priority::Normal },
            assignee: assignee.filter(|_| staff),
            tags: if staff { tags } else { Vec::new() },
            channel,
            internal: request.internal && staff,
            follows: None,
            author,
        })
    }
}

/// Where the ticket is opened, and for whom.
fn whose(
    request: &pb::OpenTicketRequest,
    (viewer, present): (&Viewer, Option<StoreId>),
    named: Option<StoreId>,
) -> Result<(Scope, StoreId, CustomerId), Error> {
    match viewer {
        Viewer::Staff(scope) => {
            let store = named.or(present).ok_or(kit::denied::Denied::StoreRequired)?;
            if present.is_some_and(|present| present != store) {
                return Err(elsewhere());
            }
            Ok((*scope, store, request.customer.parse().map_err(|_| Error::CustomerNotFound)?))
        }
        Viewer::Own(_, own) => {
            let store = present.or(named).ok_or(kit::denied::Denied::StoreRequired)?;
            let mine = |own: &&Own| own.store.is_none_or(|known| known == store);
            let own = own.iter().find(mine).ok_or_else(elsewhere)?;
            Ok((Scope::realm(own.realm), store, own.customer))
        }
    }
}

fn elsewhere() -> Error {
    Violation::new("/store", "unknown", "there is no such store for you").into()
}

impl OpenTicket {
    /// Whose ticket it becomes, and where: the record that the customer's has become (CU-13).
    pub async fn matter(&self, db: &Pool) -> Result<Matter, Error> {
        let customer = customers::known_as(db, self.scope, self.customer).await?.ok_or(Error::CustomerNotFound)?;
        Ok(Matter { realm: self.scope.realm, store: self.store, customer })
    }
}

/// The ticket, with what was written first.
pub async fn open_ticket(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    input: OpenTicket,
    timing: Timing,
) -> Result<(Ticket, Customer), Error> {
    let customer = customers::lock_in(tx, input.scope, input.customer).await?.ok_or(Error::CustomerNotFound)?;
    let (realm, now) = (customer.realm, timing.now);
    if input.channel != Channel::Staff
        && store::opened_since(tx, (realm, customer.id), now - store::HOUR).await? >= MOST
    {
        return Err(Error::TooManyTickets);
    }
    let mut ticket = new(realm, &input, timing);
    ticket.customer = customer.id;
    ticket.number = store::number(tx, realm, ticket.store).await?;
    let first = comment(&ticket, (&input.author, !input.internal), input.text, timing);
    store::insert(tx, &ticket).await?;
    store::write(tx, &first).await?;
    events::opened(tx, &ticket, &first);
    let action = if ticket.follows.is_some() { "ticket.followed_up" } else { "ticket.opened" };
    let entry = Entry::new(action, ("ticket", ticket.id), now);
    let told =
        json!({ "number": ticket.number, "subject": ticket.subject, "text": first.text, "public": first.public });
    record(tx, (call, keys), &customer, entry.created(told).within(realm, Some(ticket.store))).await?;
    Ok((ticket, customer))
}

fn new(realm: RealmId, input: &OpenTicket, Timing { now, .. }: Timing) -> Ticket {
    // What staff tell a customer waits for the customer; what anybody tells the staff waits for the staff.
    let told = input.channel == Channel::Staff && !input.internal;
    Ticket {
        realm,
        id: TicketId::new(now),
        store: input.store,
        number: 0,
        customer: input.customer,
        subject: input.subject.clone(),
        status: if told { Status::Pending } else { Status::New },
        priority: input.priority,
        assignee: input.assignee,
        channel: input.channel,
        order: input.order,
        products: input.products.clone(),
        tags: input.tags.clone(),
        follows: input.follows,
        version: 1,
        created_at: now,
        updated_at: now,
        solved_at: None,
        closes_at: None,
    }
}

/// What `author` writes in `ticket`.
pub(super) fn comment(
    ticket: &Ticket,
    (author, public): (&Author, bool),
    text: String,
    Timing { now, .. }: Timing,
) -> Comment {
    Comment {
        realm: ticket.realm,
        id: TicketCommentId::new(now),
        ticket: ticket.id,
        public,
        by_customer: author.is_customer,
        // Whoever signed in by a record that has become another one since is that one.
        author: if author.is_customer { ticket.customer.into() } else { author.id.clone() },
        written_by: author.name.clone(),
        text,
        created_at: now,
    }
}
