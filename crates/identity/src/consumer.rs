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
        match event.read::<Audited>()? {
            Some(told) => Ok(append(tx, Entry::told(event.id, &event.subject, told)?).await?),
            None => Ok(()),
        }
    }
}
