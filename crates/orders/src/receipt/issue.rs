//! Gives paid orders their receipts and what went back its credit notes, behind the purchases: whoever pays waits for no
//! number, and nobody else for whoever pays.
use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::{Db, Tx, clock::Clock, outbox, stores::Stores};
use tokio_util::sync::CancellationToken;

use super::{
    Receipt, ReceiptId,
    lacking::{Basis, Lacking, lacking},
    receipt::Seller,
    store::{self, Due},
};
use crate::{
    error::Error,
    order::{
        Order,
        store::{hold, lines},
    },
};

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
            let store = self.stores.get(order.store).await?;
            Box::pin(self.issue(position, &Seller::of(&store))).await?;
        }
        Ok(())
    }

    /// Looks at the first in line; false when nobody waits. One that fails lets the others go first.
    async fn step(&self) -> Result<bool, Error> {
        let now = self.clock.now();
        let Some((position, of)) = store::next(self.db.pool(), now).await? else { return Ok(false) };
        let done = match self.stores.get(of).await {
            Ok(seller) => Box::pin(self.issue(position, &Seller::of(&seller))).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = done {
            tracing::warn!(error.detail = ?error, "a receipt waits");
            store::postpone(self.db.pool(), position, now).await?;
        }
        Ok(true)
    }

    async fn issue(&self, position: i64, seller: &Seller) -> Result<(), Error> {
        let mut tx = self.db.begin_own().await?;
        if let Some(due) = store::take(&mut tx, position).await? {
            issue(&mut tx, due, seller, self.clock.now()).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Issues whatever the order of `due` lacks. The order is held, so that an erasure finds the receipt, or the receipt nobody.
async fn issue(tx: &mut Tx, due: Due, seller: &Seller, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(order) = hold(tx, due.realm, due.order).await? else { return Ok(()) };
    let (entries, mut papers) = (store::entries(tx, &order).await?, store::of_order(&mut **tx, &order).await?);
    let known: Vec<_> = papers.iter().map(|paper| paper.transaction).collect();
    let missing = lacking(order.totals.total, &entries, &known);
    if missing.is_empty() {
        return Ok(());
    }
    let lines = lines(tx, &order).await?;
    let basis = Basis { order: &order, lines: &lines, entries: &entries, seller };
    for one in missing {
        let made = number(tx, (&basis, &one), &papers, now).await?;
        if !due.quiet {
            outbox::publish(tx, &made.issued(order.customer.into()));
        }
        papers.push(made);
    }
    Ok(())
}

/// Gives `one`, which comes after `papers`, its number and writes it down.
async fn number(
    tx: &mut Tx,
    (basis, one): (&Basis<'_>, &Lacking<'_>),
    papers: &[Receipt],
    now: DateTime<Utc>,
) -> Result<Receipt, Error> {
    let (order, entry) = (basis.order, one.entry);
    let year = basis.seller.year(entry.at);
    let position = store::next_position(tx, (order.store, one.kind, year)).await?;
    let receipt = Receipt {
        id: ReceiptId::new(now),
        realm: order.realm,
        store: order.store,
        order: order.id,
        transaction: entry.id,
        kind: one.kind,
        number: one.kind.number(year, position),
        content: basis.content(one, papers),
        contact: order.contact.clone(),
        issued_at: entry.at,
    };
    store::insert(tx, &receipt, (year, position), now).await?;
    Ok(receipt)
}
