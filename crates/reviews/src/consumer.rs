//! Learns from orders who bought what (RE-6), from customers who was merged into whom (CU-13) and who was erased.
use holdings::merged::Merge;
use kit::{
    Error, Tx,
    clock::Clock,
    ids::ProductId,
    inbox::{Consumer, Event},
};
use proto::orders::v1::OrderPlaced;

use crate::{merge::follow_merge, store};

/// Listens to orders and customers.
pub struct Events {
    /// Time.
    pub clock: Clock,
}

impl Consumer for Events {
    const SOURCES: &'static [&'static str] = &["orders", "customers"];

    fn events(source: &str) -> &'static [&'static str] {
        if source == "customers" { &["*.CustomerErased", "*.CustomersMerged"] } else { &[">"] }
    }

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        if let Some(placed) = event.read::<OrderPlaced>()? {
            learn(tx, &placed).await?;
        } else if let Some(merge) = Merge::read(event)? {
            follow_merge(tx, &merge, self.clock.now()).await?;
        } else {
            holdings::hear(tx, event, &self.clock).await?;
        }
        Ok(())
    }
}

/// Remembers what was bought with the order; repeatable.
pub(crate) async fn learn(tx: &mut Tx, placed: &OrderPlaced) -> Result<(), Error> {
    let unreadable = |e: kit::ids::InvalidId| Error::Internal(format!("OrderPlaced cannot be read: {e}"));
    let realm = placed.realm.parse().map_err(unreadable)?;
    let customer = placed.customer.parse().map_err(unreadable)?;
    let store = placed.store.parse().map_err(unreadable)?;
    let products: Result<Vec<ProductId>, _> = placed.lines.iter().map(|line| line.product.parse()).collect();
    let products = products.map_err(unreadable)?;
    Ok(store::remember(&mut **tx, realm, customer, store, &products).await?)
}
