//! What orders hears of others: customers who were merged (CU-13), locked out (ID-9) or erased.
use holdings::merged::Merge;
use kit::{
    Error, Tx,
    clock::Clock,
    inbox::{Consumer, Event},
};

use proto::customers::v1::CustomerInactivated;

use crate::{merge::follow_merge, subscription::settled::rest_all};

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
        if let Some(CustomerInactivated { realm, customer, .. }) = event.read()? {
            let malformed = |_| Error::Internal("an event that names nobody".to_owned());
            let whose = (realm.parse().map_err(malformed)?, customer.parse().map_err(malformed)?);
            return Ok(rest_all(tx, whose, self.clock.now()).await?);
        }
        holdings::hear(tx, event, &self.clock).await?;
        Ok(())
    }
}
