//! What the world hears of tickets: ids and states, never a word of what was written.
use kit::{Tx, clock::timestamp, outbox};
use proto::customers::v1::{TicketChanged, TicketCommented, TicketOpened};

use super::{Comment, Status, Ticket};

/// It was opened with `first`.
pub fn opened(tx: &mut Tx, ticket: &Ticket, first: &Comment) {
    let opened = TicketOpened {
        realm: ticket.realm.into(),
        store: ticket.store.into(),
        ticket: ticket.id.into(),
        customer: ticket.customer.into(),
        channel: ticket.channel.slug().to_owned(),
        follows: ticket.follows.map(String::from).unwrap_or_default(),
        at: Some(timestamp(ticket.created_at)),
        comment: first.id.into(),
        public: first.public,
    };
    outbox::publish(tx, &opened);
}

/// `comment` was written.
pub fn commented(tx: &mut Tx, ticket: &Ticket, comment: &Comment) {
    let commented = TicketCommented {
        realm: ticket.realm.into(),
        store: ticket.store.into(),
        ticket: ticket.id.into(),
        customer: ticket.customer.into(),
        comment: comment.id.into(),
        public: comment.public,
        by: comment.by().to_owned(),
        at: Some(timestamp(comment.created_at)),
    };
    outbox::publish(tx, &commented);
}

/// It changed from `before` by `cause`.
pub fn changed(tx: &mut Tx, ticket: &Ticket, before: Status, cause: &str) {
    let changed = TicketChanged {
        realm: ticket.realm.into(),
        store: ticket.store.into(),
        ticket: ticket.id.into(),
        customer: ticket.customer.into(),
        status: ticket.status.slug().to_owned(),
        status_before: before.slug().to_owned(),
        priority: ticket.priority.slug().to_owned(),
        assignee: ticket.assignee.map(String::from).unwrap_or_default(),
        cause: cause.to_owned(),
        version: ticket.version,
        at: Some(timestamp(ticket.updated_at)),
    };
    outbox::publish(tx, &changed);
}
