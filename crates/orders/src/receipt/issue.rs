//! Gives paid orders their receipts and what went back its credit notes, behind the purchases: whoever pays waits for no
//! number, and nobody else for whoever pays.
use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::{Db, Tx, clock::Clock, ids::StoreId, outbox, stores::Stores};
use tokio_util::sync::CancellationToken;

use super::{
    Receipt, ReceiptId,
    due::{Case, cases},
    lacking::{Basis, Lacking},
    numbers::Numbers,
    receipt::Seller,
    store,
};
use crate::{error::Error, order::Order};

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(1);
/// How many others go first for somebody who asks for a receipt.
const PATIENCE: usize = 100;

/// Issues receipts. May run in many processes.
#[derive(Clone)]
pub struct Issuer {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// What stores are called.
    pub stores: Stores,
}

impl Issuer {
    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            if let Some(Err(error)) = stop.run_until_cancelled(self.round()).await {
                tracing::warn!(error.detail = ?error, "receipts wait");
            }
        }
    }

    /// Issues all that is due.
    pub async fn round(&self) -> Result<(), Error> {
        while self.step().await? {}
        Ok(())
    }

    /// Issues what is due of `order`, before all others.
    pub async fn hurry(&self, order: &Order) -> Result<(), Error> {
        for _ in 0..PATIENCE {
            let Some(position) = store::next_of(self.db.pool(), order).await? else { break };
            Box::pin(self.issue(order.store, &[position])).await?;
        }
        Ok(())
    }

    /// Looks at the first in line; false when nobody waits. One that fails lets the others go first.
    async fn step(&self) -> Result<bool, Error> {
        let now = self.clock.now();
        let next = store::next(self.db.pool(), now).await?;
        let Some(&(_, store)) = next.first() else { return Ok(false) };
        let of_store = next.iter().filter(|(_, of)| *of == store);
        let positions: Vec<i64> = of_store.map(|(position, _)| *position).collect();
        if let Err(error) = Box::pin(self.issue(store, &positions)).await {
            tracing::info!(error.detail = ?error, "receipts are issued one by one");
            for position in positions {
                if let Err(error) = Box::pin(self.issue(store, &[position])).await {
                    tracing::warn!(error.detail = ?error, "a receipt waits");
                    store::postpone(self.db.pool(), position, now).await?;
                }
            }
        }
        Ok(true)
    }

    /// Issues what the orders of `store` at these positions lack: all of it or nothing.
    async fn issue(&self, store: StoreId, positions: &[i64]) -> Result<(), Error> {
        let seller = Seller::of(&*self.stores.get(store).await?);
        let mut tx = self.db.begin_own().await?;
        if positions.len() > 1 {
            store::hurry(&mut tx).await?;
        }
        let due = store::take(&mut tx, positions).await?;
        if let Some(first) = due.first() {
            let cases = cases(&mut tx, first.realm, &due).await?;
            issue(&mut tx, &cases, &seller, self.clock.now()).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Issues whatever `cases`, orders of one store, lack.
async fn issue(tx: &mut Tx, cases: &[Case], seller: &Seller, now: DateTime<Utc>) -> Result<(), Error> {
    let missing: Vec<_> = cases.iter().map(|case| (case, case.lacking())).collect();
    let series = |case: &Case, one: &Lacking<'_>| (case.order.store, one.kind.series(), seller.year(one.entry.at));
    let wanted = missing.iter().flat_map(|(case, ones)| ones.iter().map(|one| series(case, one))).collect();
    let mut numbers = Numbers::take(tx, wanted).await?;
    let mut made = Vec::new();
    for (case, ones) in missing {
        let Case { quiet, order, lines, entries, papers } = case;
        let (basis, mut papers) = (Basis { order, lines, entries, seller }, papers.clone());
        for one in ones {
            let series = series(case, &one);
            let position = numbers.next(series);
            let receipt = Receipt {
                id: ReceiptId::new(now),
                realm: order.realm,
                store: order.store,
                order: order.id,
                transaction: one.entry.id,
                kind: one.kind,
                number: one.kind.number(series.2, position),
                content: basis.content(&one, &papers),
                contact: order.contact.clone(),
                issued_at: one.entry.at,
            };
            if !quiet {
                outbox::publish(tx, &receipt.issued(order.customer.into()));
            }
            papers.push(receipt.clone());
            made.push((receipt, series.2, position));
        }
    }
    store::insert(tx, &made, now).await
}
