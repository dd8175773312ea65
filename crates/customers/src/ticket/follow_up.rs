//! Goes on from a closed ticket in a new one (ST-2).
use kit::{Call, Tx};
use proto::customers::v1 as pb;

use super::{
    Status, Ticket,
    comment::text_alone,
    open::{Author, OpenTicket, open_ticket},
    reply::continued,
    ticket::Timing,
};
use crate::{Error, customer::Customer, key::Keys};

/// What the new ticket says.
#[derive(Clone, Debug)]
pub struct FollowUp {
    text: String,
    internal: bool,
    author: Author,
}

impl FollowUp {
    /// Reads a request by a member of the staff.
    pub fn parse(request: &pb::FollowUpTicketRequest, author: Author) -> Result<Self, Error> {
        Ok(Self { text: text_alone(&request.text)?, internal: request.internal, author })
    }
}

/// The new ticket. What is closed stays closed, so that nobody need hold it.
pub async fn follow_up(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (input, closed): (FollowUp, &Ticket),
    timing: Timing,
) -> Result<(Ticket, Customer), Error> {
    if closed.status != Status::Closed {
        return Err(Error::TicketNotClosed);
    }
    let opening = OpenTicket { internal: input.internal, ..continued(closed, input.author, input.text) };
    open_ticket(tx, (call, keys), opening, timing).await
}
