//! What others tell: of what was done in them, of which identity keeps the audit, and of customers whose doors were
//! closed, whose login moved, or who were merged.
use std::{fmt::Display, str::FromStr};

use holdings::merged::Merge;
use kit::{
    Error, Tx,
    clock::{self, Clock},
    inbox::{Consumer, Event},
};
use proto::{
    base::v1::Audited,
    carts::v1::CheckoutLinkRevoked,
    customers::v1::{CustomerInactivated, CustomerLoginMoved, CustomersMerged},
};

use crate::{
    audit::{Entry, append::append},
    checkout_link::revoked::end_link_sessions,
    customer_sign_in::moved::{Moved, move_login},
    merge::follow_merge,
    session::shut_out::shut_out,
};

/// The consumer.
#[derive(Clone, Debug)]
pub struct Events {
    /// Time.
    pub clock: Clock,
}

impl Consumer for Events {
    const SOURCES: &'static [&'static str] =
        &["identity", "customers", "catalog", "carts", "orders", "notifications", "reviews"];

    fn events(source: &str) -> &'static [&'static str] {
        match source {
            "customers" => {
                &["*.Audited", "*.CustomerInactivated", "*.CustomerLoginMoved", "*.CustomerErased", "*.CustomersMerged"]
            }
            "carts" => &["*.Audited", "*.CheckoutLinkRevoked"],
            _ => &["*.Audited"],
        }
    }

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        self.apply_all(tx, &[event]).await
    }

    async fn apply_all(&self, tx: &mut Tx, events: &[&Event]) -> Result<(), Error> {
        let mut entries = Vec::with_capacity(events.len());
        for event in events {
            if let Some(told) = event.read::<Audited>()? {
                entries.push(Entry::told(event.id, &event.subject, told)?);
            } else if let Some(told) = event.read::<CustomerInactivated>()? {
                shut_out(tx, read(&told.realm)?, read(&told.customer)?, self.clock.now()).await?;
            } else if let Some(told) = event.read::<CheckoutLinkRevoked>()? {
                end_link_sessions(tx, (read(&told.realm)?, read(&told.customer)?), self.clock.now()).await?;
            } else if let Some(told) = event.read::<CustomerLoginMoved>()? {
                let at = told.at.as_ref().and_then(clock::datetime).unwrap_or_else(|| self.clock.now());
                let moved = Moved { customer: read(&told.customer)?, email: told.email, phone: told.phone, at };
                move_login(tx, read(&told.realm)?, moved).await?;
            } else if let Some(told) = event.read::<CustomersMerged>()? {
                follow_merge(tx, &Merge::told(&told)?, told.phone, self.clock.now()).await?;
            } else {
                holdings::hear(tx, event, &self.clock).await?;
            }
        }
        if entries.is_empty() { Ok(()) } else { Ok(append(tx, entries).await?) }
    }
}

fn read<T: FromStr<Err: Display>>(id: &str) -> Result<T, Error> {
    id.parse().map_err(|e| Error::Internal(format!("an event's id: {e}")))
}
