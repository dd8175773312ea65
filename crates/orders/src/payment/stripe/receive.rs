//! Takes in what Stripe tells by itself (OR-3). An event only says where to look: before or after our own answer, twice, or
//! in any order, the order comes out as Stripe has the payment now.
use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::{Error as Kit, Tx, ids::StoreId};
use tokio::time::timeout;

use super::{
    event::{Event, News},
    grpc::GatewayEvents,
    store,
};
use crate::{
    error::Error,
    order::{
        Doer, Order,
        store::{hold, record, save},
    },
    payment::{Payment, settle::settle},
    refund::{Theirs, late::compare},
};

/// How long Stripe may take to say how a payment stands; its own patience with us is not much longer.
const PATIENCE: Duration = Duration::from_secs(8);
/// Who tells, as histories name them.
pub const ACTOR: &str = "system stripe";

impl GatewayEvents {
    /// Takes in `event`, which is signed.
    pub(super) async fn take_in(&self, store: StoreId, event: &Event) -> Result<(), Error> {
        if event.news == News::Other || store::is_known(self.db.pool(), store, &event.id).await? {
            return Ok(());
        }
        let names = (&*event.intent, &*event.session, event.payment);
        let Some(payment) = store::find_payment(self.db.pool(), store, names).await? else {
            // Of another program that uses the same account.
            return Ok(());
        };
        if payment.known().is_none() {
            self.look(&payment).await?;
        }
        // Outside of any transaction, whatever the event itself says: what it tells of may be long past.
        let theirs = if event.news == News::Refund { self.returned(&payment).await? } else { Vec::new() };
        let mut tx = self.db.begin_own().await?;
        let now = self.clock.now();
        // Held, so that one that comes twice at once is told once.
        let order = hold(&mut tx, payment.realm, payment.order).await?;
        if !store::note(&mut tx, (store, &event.id), now).await? {
            return Ok(());
        }
        if let Some(mut order) = order {
            match event.news {
                News::Refund => compare(&mut tx, (&mut order, &payment), &theirs, (&doer(), now)).await?,
                News::Disputed => disputed(&mut tx, &mut order, now).await?,
                News::Payment | News::Other => {}
            }
        }
        Ok(tx.commit().await?)
    }

    /// What went back of `payment`, as Stripe has it.
    async fn returned(&self, payment: &Payment) -> Result<Vec<Theirs>, Error> {
        Ok(timeout(PATIENCE, self.gateways.returned(payment)).await.map_err(|_| Kit::Busy)??)
    }

    /// Asks how `payment` stands, and writes that down.
    async fn look(&self, payment: &Payment) -> Result<(), Error> {
        let verdict = timeout(PATIENCE, self.gateways.lookup(payment)).await.map_err(|_| Kit::Busy)??;
        let Some(verdict) = verdict else { return Ok(()) };
        let mut tx = self.db.begin_own().await?;
        settle(&mut tx, payment, &verdict, (ACTOR, &self.clock)).await?;
        Ok(tx.commit().await?)
    }
}

/// The payment of `order` is disputed.
async fn disputed(tx: &mut Tx, order: &mut Order, now: DateTime<Utc>) -> Result<(), Error> {
    order.touch(now);
    record(tx, order, "disputed", (&doer(), now)).await?;
    save(tx, order).await
}

fn doer() -> Doer {
    Doer { actor: ACTOR.to_owned(), impersonator: String::new() }
}
