//! What orders hears of others.
use kit::{
    Error, Tx,
    clock::Clock,
    inbox::{Consumer, Event},
};

/// Listens to customers.
pub struct Events {
    /// Time.
    pub clock: Clock,
}

impl Consumer for Events {
    const SOURCES: &'static [&'static str] = &["customers"];

    fn events(_source: &str) -> &'static [&'static str] {
        &["*.CustomerErased"]
    }

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        holdings::hear(tx, event, &self.clock).await?;
        Ok(())
    }
}
