//! What the events of others queue.
use std::sync::Arc;

use holdings::merged::Merge;
use kit::{
    Error, Tx,
    clock::Clock,
    inbox::{Consumer, Event},
};
use proto::{customers::v1::CustomersMerged, orders::v1::OrderPlaced};
use tokio::sync::Notify;
use tracing::Instrument;

use crate::{
    confirm::confirmation, gift, hook_event::fan_out, merge::follow_merge, order, store, subscription, ticket::tell,
};

/// Listens to orders and customers, and for webhooks to whatever they are told of.
pub struct Events {
    /// Time.
    pub clock: Clock,
    /// Wakes the delivery.
    pub queued: Arc<Notify>,
    /// Wakes the delivery to webhooks.
    pub hooks: Arc<Notify>,
}

impl Consumer for Events {
    const SOURCES: &'static [&'static str] =
        &["orders", "customers", "identity", "carts", "catalog", "reviews", crate::NAME];

    fn events(source: &str) -> &'static [&'static str] {
        match source {
            // Of those there are many that nobody here asks for.
            "identity" => &["*.CustomerRegistered", "*.CustomerClosed"],
            "catalog" => &["*.ProductCreated", "*.ProductChanged", "*.ProductDeleted"],
            "carts" => &["*.CartChanged", "*.CartAbandoned", "*.CartExpired", "*.CartMerged", "*.CartClosed"],
            crate::NAME => &["*.MessageSent", "*.MessageFailed"],
            _ => &[">"],
        }
    }

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        self.apply_all(tx, &[event]).await
    }

    /// Within a batch confirmations come first, before word of what happened to their orders afterwards. Nothing about their
    /// customers is among them: each source is followed by itself.
    async fn apply_all(&self, tx: &mut Tx, events: &[&Event]) -> Result<(), Error> {
        let (mut placed, mut spans, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for event in events {
            match event.read::<OrderPlaced>()? {
                Some(order) => {
                    placed.push(confirmation(&order, &self.clock)?);
                    spans.push(event.span());
                }
                None => others.push(event),
            }
        }
        if !placed.is_empty() && store::queue_all(tx, &placed).await? > 0 {
            // The rows are seen after the commit; the delivery looks by itself soon when it wakes too early.
            self.queued.notify_one();
        }
        drop(spans);
        for event in others {
            self.apply_other(tx, event).instrument(event.span()).await?;
        }
        if fan_out(tx, events, &self.clock).await? > 0 {
            self.hooks.notify_one();
        }
        Ok(())
    }
}

impl Events {
    async fn apply_other(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        if let Some(merged) = event.read::<CustomersMerged>()? {
            follow_merge(tx, &Merge::told(&merged)?, merged.notify_from.parse().ok(), &self.clock).await?;
            self.queued.notify_one();
        } else if tell(tx, event, &self.clock).await?
            || order::tell(tx, event, &self.clock).await?
            || gift::tell(tx, event, &self.clock).await?
            || subscription::tell(tx, event, &self.clock).await?
        {
            self.queued.notify_one();
        } else {
            holdings::hear(tx, event, &self.clock).await?;
        }
        Ok(())
    }
}
