//! Writes in a ticket (ST-2): replies to each other, and what staff note beside them.
use kit::{
    Call, Tx,
    audit::{Entry, json},
    ids::AttachmentId,
};
use proto::customers::v1 as pb;

use super::{
    Comment, Status, Ticket,
    comment::text_alone,
    events,
    open::{Author, OpenTicket, comment, open_ticket},
    store,
    ticket::Timing,
    viewer::Viewer,
};
use crate::{
    Error,
    attachment::claim::{self, claim},
    customer::{Customer, Scope, store as customers},
    key::Keys,
    record::told::record,
};

/// Most that a customer writes in one ticket in an hour.
const MOST: i64 = 30;

/// Something to write.
#[derive(Clone, Debug)]
pub struct Reply {
    viewer: Viewer,
    text: String,
    public: bool,
    status: Option<Status>,
    author: Author,
    attachments: Vec<AttachmentId>,
}

impl Reply {
    /// Reads a request by `viewer`.
    pub fn parse(request: &pb::AddTicketCommentRequest, viewer: Viewer, author: Author) -> Result<Self, Error> {
        let text = text_alone(&request.text)?;
        let staff = viewer.is_staff();
        let status = (staff && !request.status.is_empty()).then(|| Status::parse(&request.status)).transpose()?;
        if status == Some(Status::Closed) {
            // Somebody who is asked can still answer.
            let detail = "a reply leaves a ticket open, pending or solved";
            return Err(kit::failure::Violation::new("/status", "unknown", detail).into());
        }
        let attachments = claim::parse(&request.attachments)?;
        Ok(Self { public: !(staff && request.internal), viewer, text, status, author, attachments })
    }
}

/// What was written, and where: a customer's reply to a closed ticket is in one that follows it up. The files that it names
/// go with it.
pub async fn reply(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (input, ticket): (Reply, &Ticket),
    timing: Timing,
) -> Result<Comment, Error> {
    let files = input.attachments.clone();
    let written = turn(tx, (call, keys), (input, ticket), timing).await?;
    claim(tx, (&files, &call.actor()?.label()), ticket, &written).await?;
    Ok(written)
}

async fn turn(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (input, ticket): (Reply, &Ticket),
    timing: Timing,
) -> Result<Comment, Error> {
    let scope = Scope::realm(ticket.realm);
    // Before the ticket: one at a time writes in a customer's tickets, and none while they are merged or forgotten.
    let customer = customers::lock_in(tx, scope, ticket.customer).await?.ok_or(Error::TicketClosed)?;
    let mut ticket = store::lock(tx, ticket.realm, ticket.id).await?.ok_or(Error::TicketNotFound)?;
    if !input.author.is_customer {
        return write(tx, (call, keys), (input, ticket, &customer), timing).await;
    }
    while ticket.status == Status::Closed {
        let Some(next) = store::follower(&mut **tx, ticket.realm, ticket.id).await? else {
            return follow(tx, (call, keys), (input, &ticket), timing).await;
        };
        ticket = store::lock(tx, ticket.realm, next).await?.ok_or(Error::TicketNotFound)?;
    }
    if store::heard_since(tx, (ticket.realm, ticket.id), timing.now - store::HOUR).await? >= MOST {
        return Err(Error::TooManyComments);
    }
    write(tx, (call, keys), (input, ticket, &customer), timing).await
}

async fn write(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (input, mut ticket, customer): (Reply, Ticket, &Customer),
    timing: Timing,
) -> Result<Comment, Error> {
    let before = ticket.status;
    match (input.author.is_customer, input.public) {
        (true, _) => ticket.hear(timing)?,
        (false, true) => ticket.answer(input.status, timing)?,
        (false, false) => ticket.note(input.status, timing)?,
    }
    let written = comment(&ticket, (&input.author, input.public), input.text, timing);
    store::save(tx, &ticket).await?;
    store::write(tx, &written).await?;
    events::commented(tx, &ticket, &written);
    if ticket.status != before {
        events::changed(tx, &ticket, before, "comment");
    }
    let action = if written.public { "ticket.replied" } else { "ticket.noted" };
    let entry = Entry::new(action, ("ticket", ticket.id), timing.now).within(ticket.realm, Some(ticket.store));
    let told = json!({ "text": written.text, "status": ticket.status.slug() });
    record(tx, (call, keys), customer, entry.created(told)).await?;
    Ok(written)
}

/// Opens a ticket in which the customer goes on.
async fn follow(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (input, closed): (Reply, &Ticket),
    timing: Timing,
) -> Result<Comment, Error> {
    let Viewer::Own(channel, _) = input.viewer else { return Err(Error::TicketClosed) };
    let opening = OpenTicket { channel, ..continued(closed, input.author, input.text) };
    let (ticket, _) = open_ticket(tx, (call, keys), opening, timing).await?;
    let page = kit::page::Page { limit: 1, cursor: None, total: false };
    let written = store::thread(&mut **tx, (ticket.realm, ticket.id), false, &page).await?;
    written.into_iter().next().ok_or(Error::TicketNotFound)
}

/// A ticket that goes on from `closed`, by staff.
pub(super) fn continued(closed: &Ticket, author: Author, text: String) -> OpenTicket {
    OpenTicket {
        scope: Scope::realm(closed.realm),
        store: closed.store,
        customer: closed.customer,
        subject: closed.subject.clone(),
        text,
        order: closed.order,
        products: closed.products.clone(),
        priority: closed.priority,
        assignee: closed.assignee,
        tags: closed.tags.clone(),
        channel: super::Channel::Staff,
        internal: false,
        follows: Some(closed.id),
        author,
    }
}
