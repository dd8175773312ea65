//! Learns from orders who bought what (RE-6), from customers who was merged into whom (CU-13) and who was erased.
use holdings::merged::Merge;
use kit::{
    Error, Tx,
    clock::Clock,
    inbox::{Consumer, Event},
};
use proto::orders::v1::OrderPlaced;
use tracing::Instrument;

use crate::{bought::Bought, merge::follow_merge, store};

/// Listens to orders and customers.
pub struct Events {
    /// Time.
    pub clock: Clock,
}

impl Consumer for Events {
    const SOURCES: &'static [&'static str] = &["orders", "customers"];

    fn events(source: &str) -> &'static [&'static str] {
        if source == "customers" { &["*.CustomerErased", "*.CustomersMerged"] } else { &["*.OrderPlaced"] }
    }

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        self.apply_all(tx, &[event]).await
    }

    async fn apply_all(&self, tx: &mut Tx, events: &[&Event]) -> Result<(), Error> {
        let (mut bought, mut spans) = (Vec::new(), Vec::new());
        for event in events {
            match event.read::<OrderPlaced>()? {
                Some(placed) => {
                    bought.extend(Bought::of(&placed)?);
                    spans.push(event.span());
                }
                None => self.apply_other(tx, event).instrument(event.span()).await?,
            }
        }
        if !bought.is_empty() {
            store::remember(&mut **tx, &bought).await?;
        }
        drop(spans);
        Ok(())
    }
}

impl Events {
    async fn apply_other(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        if let Some(merge) = Merge::read(event)? {
            follow_merge(tx, &merge, self.clock.now()).await?;
        } else {
            holdings::hear(tx, event, &self.clock).await?;
        }
        Ok(())
    }
}
