//! Takes in what Stripe tells by itself (OR-3). An event only says where to look: before or after our own answer, twice, or
//! in any order, the order comes out as Stripe has the payment now.
use std::time::Duration;

use chrono::{DateTime, Utc};
use kit::{Error as Kit, Tx, ids::StoreId};
use tokio::time::timeout;

use super::{
    amount::here,
    event::{Event, News},
    grpc::GatewayEvents,
    store,
    wire::Returned,
};
use crate::{
    error::Error,
    order::{
        Doer, Order,
        store::{hold, record, save},
    },
    payment::{Payment, settle::settle},
    refund::late::{Late, fail_late},
    transaction::{
        self, Type,
        book::{Booking, book},
    },
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
        let failed = if event.news == News::Refund { self.failed(&payment, &event.refund).await? } else { None };
        let mut tx = self.db.begin_own().await?;
        let now = self.clock.now();
        // Held, so that one that comes twice at once is told once.
        let order = hold(&mut tx, payment.realm, payment.order).await?;
        if !store::note(&mut tx, (store, &event.id), now).await? {
            return Ok(());
        }
        if let Some(mut order) = order {
            match event.news {
                News::Refunded(back) => returned(&mut tx, (&mut order, &payment), back, now).await?,
                News::Disputed => disputed(&mut tx, &mut order, now).await?,
                News::Refund => {
                    if let Some(failed) = failed {
                        fail_late(&mut tx, (&mut order, &payment), &failed, (&doer(), now)).await?;
                    }
                }
                News::Payment | News::Other => {}
            }
        }
        Ok(tx.commit().await?)
    }

    /// What Stripe calls `name`, if that is a refund of `payment` that has failed.
    async fn failed(&self, payment: &Payment, name: &str) -> Result<Option<Late>, Error> {
        if name.is_empty() {
            return Ok(None);
        }
        let found = timeout(PATIENCE, self.gateways.returned(payment, name)).await.map_err(|_| Kit::Busy)??;
        let failed = found.filter(Returned::has_failed).map(|found| Late {
            refund: found.metadata.refund.and_then(|id| id.parse().ok()),
            amount: here(found.amount, payment.amount.currency),
            reference: found.id,
        });
        Ok(failed)
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

/// `back` has gone back of `payment` in all: what of it is not ours was given back at Stripe by hand, and is booked.
async fn returned(
    tx: &mut Tx,
    (order, payment): (&mut Order, &Payment),
    back: i64,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let back = here(back, payment.amount.currency);
    let more = back.min(payment.amount.amount) - transaction::store::back_through(tx, payment).await?;
    if more <= 0 {
        return Ok(());
    }
    let booking = Booking {
        kind: Type::Refund,
        succeeded: true,
        amount: order.totals.money(more),
        gateway: payment.gateway,
        reference: String::new(),
        description: "Given back at Stripe".to_owned(),
        payment: Some(payment.id),
        refund: None,
    };
    book(tx, order, booking, (&doer(), now)).await?;
    Ok(())
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
