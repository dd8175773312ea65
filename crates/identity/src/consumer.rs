//! What every service tells of what was done in it: the audit's one writer.
use kit::{
    Error, Tx,
    inbox::{Consumer, Event},
};
use proto::base::v1::Audited;

use crate::audit::{Entry, append::append};

/// The consumer.
#[derive(Clone, Copy, Debug)]
pub struct Events;

impl Consumer for Events {
    const SOURCES: &'static [&'static str] =
        &["identity", "customers", "catalog", "carts", "orders", "notifications", "reviews"];
    const EVENTS: &'static str = "*.Audited";

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        self.apply_all(tx, &[event]).await
    }

    async fn apply_all(&self, tx: &mut Tx, events: &[&Event]) -> Result<(), Error> {
        let mut entries = Vec::with_capacity(events.len());
        for event in events {
            if let Some(told) = event.read::<Audited>()? {
                entries.push(Entry::told(event.id, &event.subject, told)?);
            }
        }
        Ok(append(tx, entries).await?)
    }
}
