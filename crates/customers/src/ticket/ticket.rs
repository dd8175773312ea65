//! A ticket: whose turn it is, and when it is over.
use chrono::{DateTime, TimeDelta, Utc};
use kit::ids::{CustomerId, OrderId, ProductId, RealmId, StaffId, StoreId, TicketId};

use super::{Channel, Priority, Status};
use crate::Error;

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Ticket {
    #[sqlx(rename = "realm_id")]
    pub(crate) realm: RealmId,
    pub(crate) id: TicketId,
    #[sqlx(rename = "store_id")]
    pub(crate) store: StoreId,
    pub(crate) number: i64,
    #[sqlx(rename = "customer_id")]
    pub(crate) customer: CustomerId,
    pub(crate) subject: String,
    pub(crate) status: Status,
    pub(crate) priority: Priority,
    #[sqlx(rename = "assignee_id")]
    pub(crate) assignee: Option<StaffId>,
    pub(crate) channel: Channel,
    #[sqlx(rename = "order_id")]
    pub(crate) order: Option<OrderId>,
    pub(crate) products: Vec<ProductId>,
    pub(crate) tags: Vec<String>,
    #[sqlx(rename = "follows_id")]
    pub(crate) follows: Option<TicketId>,
    pub(crate) version: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) solved_at: Option<DateTime<Utc>>,
    pub(crate) closes_at: Option<DateTime<Utc>>,
}

/// The present, and how long a solved ticket stays open to a reply.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The present.
    pub now: DateTime<Utc>,
    /// How long.
    pub keep: TimeDelta,
}

/// What staff change of a ticket; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub(crate) subject: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) priority: Option<Priority>,
    #[expect(clippy::option_option, reason = "a merge patch: absent, null or a value")]
    pub(crate) assignee: Option<Option<StaffId>>,
    pub(crate) tags: Option<Vec<String>>,
    #[expect(clippy::option_option, reason = "a merge patch: absent, null or a value")]
    pub(crate) order: Option<Option<OrderId>>,
    pub(crate) products: Option<Vec<ProductId>>,
}

impl Ticket {
    /// The customer wrote: it is the staff's turn, even when it was solved. A closed one takes nothing.
    pub fn hear(&mut self, timing: Timing) -> Result<(), Error> {
        self.take(timing.now)?;
        self.turn(Status::Open, timing);
        Ok(())
    }

    /// Staff wrote to the customer, whose turn it is unless `status` says otherwise.
    pub fn answer(&mut self, status: Option<Status>, timing: Timing) -> Result<(), Error> {
        self.take(timing.now)?;
        self.turn(status.unwrap_or(Status::Pending), timing);
        Ok(())
    }

    /// Staff noted something among themselves, which changes the status only when they say so.
    pub fn note(&mut self, status: Option<Status>, timing: Timing) -> Result<(), Error> {
        self.take(timing.now)?;
        if let Some(status) = status {
            self.turn(status, timing);
        }
        Ok(())
    }

    /// Takes over what staff `change`; whether that changes anything. What is closed stays as it is.
    pub fn change(&mut self, change: Change, timing: Timing) -> Result<bool, Error> {
        let former = self.clone();
        let Change { subject, status, priority, assignee, tags, order, products } = change;
        self.subject = subject.unwrap_or_else(|| former.subject.clone());
        self.priority = priority.unwrap_or(former.priority);
        self.assignee = assignee.unwrap_or(former.assignee);
        self.tags = tags.unwrap_or_else(|| former.tags.clone());
        self.order = order.unwrap_or(former.order);
        self.products = products.unwrap_or_else(|| former.products.clone());
        if let Some(status) = status.filter(|status| *status != former.status) {
            self.turn(status, timing);
        }
        if *self == former {
            return Ok(false);
        }
        if former.status == Status::Closed {
            *self = former;
            return Err(Error::TicketClosed);
        }
        self.touch(timing.now);
        Ok(true)
    }

    fn take(&mut self, now: DateTime<Utc>) -> Result<(), Error> {
        if self.status == Status::Closed {
            return Err(Error::TicketClosed);
        }
        self.touch(now);
        Ok(())
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        self.version += 1;
        self.updated_at = now;
    }

    fn turn(&mut self, status: Status, Timing { now, keep }: Timing) {
        match status {
            Status::Solved if self.status == Status::Solved => {}
            Status::Solved => (self.solved_at, self.closes_at) = (Some(now), Some(now + keep)),
            Status::Closed => self.closes_at = None,
            Status::New | Status::Open | Status::Pending => (self.solved_at, self.closes_at) = (None, None),
        }
        self.status = status;
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> Timing {
        Timing { now: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds), keep: TimeDelta::days(7) }
    }

    fn ticket(status: Status) -> Ticket {
        let now = DateTime::UNIX_EPOCH;
        let mut ticket = Ticket {
            realm: RealmId::from_uuid(Uuid::nil()),
            id: TicketId::new(now),
            store: StoreId::from_uuid(Uuid::nil()),
            number: 1,
            customer: CustomerId::from_uuid(Uuid::nil()),
            subject: "Broken".to_owned(),
            status: Status::New,
            priority: Priority::Normal,
            assignee: None,
            channel: Channel::Api,
            order: None,
            products: Vec::new(),
            tags: Vec::new(),
            follows: None,
            version: 1,
            created_at: now,
            updated_at: now,
            solved_at: None,
            closes_at: None,
        };
        ticket.turn(status, at(0));
        ticket
    }

    /// ST-2: a customer's reply makes it the staff's turn, a reply of staff the customer's; a note is nobody's turn.
    #[test]
    fn every_word_has_its_turn() {
        for status in [Status::New, Status::Open, Status::Pending, Status::Solved] {
            let mut heard = ticket(status);
            assert!(heard.hear(at(1)).is_ok() && heard.status == Status::Open && heard.closes_at.is_none());
            let mut answered = ticket(status);
            assert!(answered.answer(None, at(1)).is_ok() && answered.status == Status::Pending);
            let mut noted = ticket(status);
            assert!(noted.note(None, at(1)).is_ok() && noted.status == status && noted.version == 2);
        }
    }

    /// ST-2: what is closed takes no word and no change; what would change nothing is no change.
    #[test]
    fn what_is_closed_is_over() {
        let mut closed = ticket(Status::Closed);
        let before = closed.clone();
        assert!(matches!(closed.hear(at(1)), Err(Error::TicketClosed)));
        assert!(matches!(closed.answer(Some(Status::Open), at(1)), Err(Error::TicketClosed)));
        assert!(matches!(closed.note(None, at(1)), Err(Error::TicketClosed)));
        let open = || Change { status: Some(Status::Open), ..Change::default() };
        assert!(matches!(closed.change(open(), at(1)), Err(Error::TicketClosed)));
        assert!(matches!(closed.change(Change::default(), at(1)), Ok(false)) && closed == before);
    }

    /// ST-1: a solved ticket closes after its days, counted from when it was solved; a reply stops that.
    #[test]
    fn what_is_solved_has_its_days() {
        let mut solved = ticket(Status::Open);
        assert!(solved.answer(Some(Status::Solved), at(10)).is_ok());
        let end = Some(at(10).now + TimeDelta::days(7));
        assert_eq!((solved.solved_at, solved.closes_at), (Some(at(10).now), end));
        let again = Change { status: Some(Status::Solved), ..Change::default() };
        assert!(matches!(solved.change(again, at(99)), Ok(false)));
        assert!(solved.note(None, at(99)).is_ok() && solved.closes_at == end);
        let closed = Change { status: Some(Status::Closed), ..Change::default() };
        let mut over = solved.clone();
        assert!(matches!(over.change(closed, at(100)), Ok(true)));
        assert_eq!((over.solved_at, over.closes_at), (Some(at(10).now), None));
        assert!(solved.hear(at(101)).is_ok() && solved.solved_at.is_none() && solved.closes_at.is_none());
    }
}
