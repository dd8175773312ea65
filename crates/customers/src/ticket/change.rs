//! Changes a ticket (ST-1).
use kit::{
    Call, Tx,
    audit::{Entry, json},
    failure::Violation,
    ids::{OrderId, ProductId, StaffId},
};
use proto::customers::v1 as pb;
use serde_json::Value;

use super::{
    Priority, Status, Ticket,
    comment::{products, subject, tags},
    events, store,
    ticket::{Change, Timing},
};
use crate::{
    Error,
    customer::{Customer, Scope, store as customers},
    fields::Fields,
    key::Keys,
    record::told::record,
};

impl Change {
    /// Reads a request.
    pub fn parse(request: &pb::UpdateTicketRequest) -> Result<Self, Error> {
        let mut fields = Fields::default();
        let subject = request.subject.as_ref().map(|text| subject(text, &mut fields));
        let tags = request.tags.as_ref().map(|given| tags(&given.texts, &mut fields));
        let products = request.products.as_ref().map(|given| products(&given.texts, &mut fields));
        let assignee = request.assignee.as_deref().map(|id| maybe("/assignee", id, &mut fields));
        let order = request.order.as_deref().map(|id| maybe("/order", id, &mut fields));
        fields.finish()?;
        let status: Result<_, Violation> = request.status.as_deref().map(Status::parse).transpose();
        let priority = request.priority.as_deref().map(Priority::parse).transpose()?;
        Ok(Self { subject, status: status?, priority, assignee, tags, order, products })
    }

    /// Who is to see to it anew.
    #[must_use]
    pub fn assignee(&self, before: Option<StaffId>) -> Option<StaffId> {
        self.assignee.flatten().filter(|staff| Some(*staff) != before)
    }

    /// What it is to be about anew.
    #[must_use]
    pub fn links(&self, before: &Ticket) -> (Option<OrderId>, Vec<ProductId>) {
        let fresh = |id: &ProductId| !before.products.contains(id);
        let products = self.products.iter().flatten().copied().filter(fresh).collect();
        (self.order.flatten().filter(|order| Some(*order) != before.order), products)
    }
}

/// An id, or nothing for an empty text.
fn maybe<T: std::str::FromStr>(pointer: &'static str, text: &str, fields: &mut Fields) -> Option<T> {
    if text.is_empty() { None } else { fields.id(pointer, text) }
}

/// The ticket as it is since.
pub async fn change_ticket(
    tx: &mut Tx,
    (call, keys): (&Call, &Keys),
    (change, seen): (Change, &Ticket),
    timing: Timing,
) -> Result<(Ticket, Option<Customer>), Error> {
    let customer = customers::lock_in(tx, Scope::realm(seen.realm), seen.customer).await?;
    let mut ticket = store::lock(tx, seen.realm, seen.id).await?.ok_or(Error::TicketNotFound)?;
    call.check_version(ticket.version)?;
    let before = ticket.clone();
    if !ticket.change(change, timing)? {
        return Ok((ticket, customer));
    }
    // Of somebody who was forgotten all tickets are closed, which takes no change.
    let Some(customer) = customer else { return Err(Error::TicketClosed) };
    store::save(tx, &ticket).await?;
    events::changed(tx, &ticket, before.status, "update");
    let entry = Entry::new("ticket.updated", ("ticket", ticket.id), timing.now);
    let entry = entry.within(ticket.realm, Some(ticket.store)).changed(audited(&before), audited(&ticket));
    record(tx, (call, keys), &customer, entry).await?;
    Ok((ticket, Some(customer)))
}

fn audited(ticket: &Ticket) -> Value {
    json!({
        "subject": ticket.subject,
        "status": ticket.status.slug(),
        "priority": ticket.priority.slug(),
        "assignee": ticket.assignee.map(String::from),
        "order": ticket.order.map(String::from),
        "products": ticket.products.iter().copied().map(String::from).collect::<Vec<_>>(),
        "tags": ticket.tags,
    })
}
