//! Whoever changes their own account: the customer themselves, and for what opens doors, somebody who proved lately who
//! they are.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{
    actor::Actor,
    denied::Denied,
    ids::{CustomerId, RealmId, SessionId},
};

use crate::{Error, checkout_link, session::Subject};

/// How long after signing in one may change how one signs in.
const RECENT: TimeDelta = TimeDelta::minutes(15);

/// A customer who is signed in.
#[derive(Clone, Copy, Debug)]
pub struct Own {
    /// Customer base.
    pub realm: RealmId,
    /// Who.
    pub customer: CustomerId,
    /// Their session.
    pub session: SessionId,
    /// When they proved who they are; a link that staff made proves nothing.
    authenticated_at: Option<i64>,
}

impl Own {
    /// The customer who calls.
    pub fn read(actor: &Actor) -> Result<Self, Error> {
        let session = actor.session.as_deref().and_then(|id| id.parse().ok());
        Ok(Self {
            realm: actor.realm()?,
            customer: actor.require_customer()?,
            session: session.ok_or(Denied::Unauthenticated)?,
            authenticated_at: actor
                .authenticated_at
                .filter(|_| !actor.methods.iter().any(|by| by == checkout_link::METHOD)),
        })
    }

    /// The customer who calls, and nobody on their behalf (ID-25).
    pub fn in_person(actor: &Actor) -> Result<Self, Error> {
        let own = Self::read(actor)?;
        actor.require_self()?;
        Ok(own)
    }

    /// Passes when they signed in a short while ago: a token that was stolen does not become a way to sign in.
    pub fn require_recent(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let earliest = (now - RECENT).timestamp();
        if self.authenticated_at.is_some_and(|at| at >= earliest) { Ok(()) } else { Err(Error::SignInAgain) }
    }

    /// Whose sessions theirs are.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::Customer(self.realm, self.customer)
    }
}
