//! What orders hears of others: customers who were merged (CU-13), locked out (ID-9) or erased.
use chrono::TimeDelta;
use holdings::merged::Merge;
use kit::{
    Error, Tx,
    clock::{self, Clock},
    inbox::{Consumer, Event},
};

use proto::customers::v1::CustomerInactivated;

use crate::{merge::follow_merge, subscription::settled::rest_all};

/// How old the news that somebody was locked out may be.
const STALE: TimeDelta = TimeDelta::hours(12);

/// Listens to customers.
pub struct Events {
    /// Time.
    pub clock: Clock,
}

impl Consumer for Events {
    const SOURCES: &'static [&'static str] = &["customers"];

    fn events(_source: &str) -> &'static [&'static str] {
        &["*.CustomerErased", "*.CustomersMerged", "*.CustomerInactivated"]
    }

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        if let Some(merge) = Merge::read(event)? {
            return follow_merge(tx, &merge, self.clock.now()).await;
        }
        if let Some(CustomerInactivated { realm, customer, at }) = event.read()? {
            // Of long ago, as a new consumer hears it: they may have been let in again.
            if at.as_ref().and_then(clock::datetime).is_none_or(|at| at + STALE < self.clock.now()) {
                return Ok(());
            }
            let malformed = |_| Error::Internal("an event that names nobody".to_owned());
            let whose = (realm.parse().map_err(malformed)?, customer.parse().map_err(malformed)?);
            return Ok(rest_all(tx, whose, self.clock.now()).await?);
        }
        holdings::hear(tx, event, &self.clock).await?;
        Ok(())
    }
}
