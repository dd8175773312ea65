//! What orders hears of others: customers who were merged (CU-13), and somebody who was erased.
use holdings::merged::Merge;
use kit::{
    Error, Tx,
    clock::Clock,
    inbox::{Consumer, Event},
};

use crate::merge::follow_merge;

/// Listens to customers.
pub struct Events {
    /// Time.
    pub clock: Clock,
}

impl Consumer for Events {
    const SOURCES: &'static [&'static str] = &["customers"];

    fn events(_source: &str) -> &'static [&'static str] {
        &["*.CustomerErased", "*.CustomersMerged"]
    }

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        if let Some(merge) = Merge::read(event)? {
            return follow_merge(tx, &merge, self.clock.now()).await;
        }
        holdings::hear(tx, event, &self.clock).await?;
        Ok(())
    }
}
