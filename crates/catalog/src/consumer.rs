//! What catalog hears of others: what was sold, which then stays for ever (CA-1).
use kit::{
    Error, Tx,
    ids::{InvalidId, ProductId, StoreId},
    inbox::{Consumer, Event},
};
use proto::orders::v1::OrderPlaced;

use crate::product::store;

/// Listens to orders.
pub struct Events;

impl Consumer for Events {
    const SOURCES: &'static [&'static str] = &["orders"];

    fn events(_: &str) -> &'static [&'static str] {
        &["*.OrderPlaced"]
    }

    async fn apply(&self, tx: &mut Tx, event: &Event) -> Result<(), Error> {
        self.apply_all(tx, &[event]).await
    }

    async fn apply_all(&self, tx: &mut Tx, events: &[&Event]) -> Result<(), Error> {
        let mut sold = Vec::new();
        for event in events {
            if let Some(placed) = event.read::<OrderPlaced>()? {
                let lines =
                    products(&placed).map_err(|e| Error::Internal(format!("OrderPlaced cannot be read: {e}")))?;
                sold.extend(lines);
            }
        }
        // In order, so that two of these never wait for each other.
        sold.sort_unstable();
        sold.dedup();
        let (stores, products): (Vec<StoreId>, Vec<ProductId>) = sold.into_iter().unzip();
        Ok(store::note_sold(&mut **tx, &stores, &products).await?)
    }
}

fn products(placed: &OrderPlaced) -> Result<Vec<(StoreId, ProductId)>, InvalidId> {
    let store: StoreId = placed.store.parse()?;
    placed.lines.iter().map(|line| Ok((store, line.product.parse()?))).collect()
}
