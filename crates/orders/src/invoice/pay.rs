//! Takes what is due of an order: the attempt first, the gateway outside of any transaction, then one transaction to
//! finish. Clicked twice, raced, or paid meanwhile in another way, the money comes in once.
use std::time::Duration;

use kit::{
    Db, Error as Kit,
    clock::Clock,
    ids::{OrderId, RealmId},
    telemetry,
};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::Instrument;

use super::{
    Bill,
    bill::{Stand, Step, step},
    store,
};
use crate::{
    error::Error,
    order::{
        self, Order,
        store::{find, hold},
    },
    payment::{Gateway, Gateways, Payment, PaymentId, State, settle::settle},
};

/// How long a gateway may take, and how long a caller waits for the outcome.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often somebody else's attempt is looked at while waiting for it.
const GLANCE: Duration = Duration::from_millis(50);

/// Takes money for orders that are placed.
#[derive(Clone)]
pub struct Payer {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Who is asked.
    pub gateways: Gateways,
}

/// How somebody wants to pay.
#[derive(Clone, Debug)]
pub struct Means {
    /// By which gateway.
    pub gateway: Gateway,
    /// Its payment method.
    pub method: String,
    /// Where they come back to.
    pub back: String,
    /// Who pays: kind and id.
    pub actor: String,
    /// From which address.
    pub ip: String,
}

impl Payer {
    /// What is due of the placed order `id`.
    pub async fn bill(&self, realm: RealmId, id: OrderId) -> Result<Bill, Error> {
        let mut db = self.db.pool().acquire().await?;
        let order = find(&mut *db, realm, id).await?.filter(Order::is_placed).ok_or(Error::OrderNotFound)?;
        let bill = store::bill(&mut db, order).await?;
        db.finish();
        Ok(bill)
    }

    /// The same, when a shopper came back from a gateway's page, as the gateway has it.
    pub async fn look(&self, realm: RealmId, id: OrderId) -> Result<Bill, Error> {
        let bill = self.bill(realm, id).await?;
        if bill.stand() != Stand::Waiting {
            return Ok(bill);
        }
        self.glance(&bill).await;
        self.bill(realm, id).await
    }

    /// Pays the order `id` by `means`, or says why not.
    pub async fn pay(&self, (realm, id): (RealmId, OrderId), means: &Means) -> Result<Bill, Error> {
        let deadline = Instant::now() + PATIENCE;
        let (mut asked, mut waited) = (false, false);
        loop {
            let bill = self.bill(realm, id).await?;
            match step(bill.stand(), bill.is_by(means.gateway, &means.method), (asked, waited)) {
                Step::Ask => {
                    asked = true;
                    self.glance(&bill).await;
                }
                Step::Abandon => self.stop(&bill, &means.actor).await?,
                Step::Wait if Instant::now() < deadline => {
                    waited = true;
                    sleep(GLANCE).await;
                }
                Step::Pay => {
                    if let Some(payment) = self.begin(&bill, means).await? {
                        self.take(payment, means, deadline).await;
                        return self.bill(realm, id).await;
                    }
                    // Somebody was quicker.
                }
                Step::Tell | Step::Wait => return Ok(bill),
            }
        }
    }

    /// Voids what is underway at the order `id`, before it is paid in another way or called off. What was taken before that
    /// is written down.
    pub async fn stop_all(&self, realm: RealmId, id: OrderId, actor: &str) -> Result<(), Error> {
        match self.bill(realm, id).await {
            Ok(bill) => self.stop(&bill, actor).await,
            Err(Error::OrderNotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn stop(&self, bill: &Bill, actor: &str) -> Result<(), Error> {
        let Some(payment) = bill.live() else { return Ok(()) };
        let verdict = timeout(PATIENCE, self.gateways.void(payment)).await.map_err(|_| Kit::Busy)??;
        let mut tx = self.db.begin_own().await?;
        settle(&mut tx, payment, &verdict, (actor, &self.clock)).await?;
        Ok(tx.commit().await?)
    }

    /// Writes an attempt down; none when somebody else was quicker.
    async fn begin(&self, seen: &Bill, means: &Means) -> Result<Option<Payment>, Error> {
        let mut tx = self.db.begin_own().await?;
        let order = hold(&mut tx, seen.order.realm, seen.order.id).await?.ok_or(Error::OrderNotFound)?;
        let bill = store::bill(&mut tx, order).await?;
        if bill.due != seen.due || !matches!(bill.stand(), Stand::Open | Stand::Declined) {
            return Ok(None);
        }
        let now = self.clock.now();
        let payment = Payment {
            id: PaymentId::new(now),
            realm: bill.order.realm,
            store: bill.order.store,
            order: bill.order.id,
            gateway: means.gateway,
            method: means.method.clone(),
            amount: bill.due,
            state: State::Started,
            refusal: None,
            actor: means.actor.clone(),
            ip: means.ip.clone(),
            created_at: now,
        };
        store::start(&mut tx, &payment, &self.clock).await?;
        tx.commit().await?;
        Ok(Some(payment))
    }

    /// Asks the gateway. It goes on when the caller hangs up; when it takes too long, the reaper finishes it.
    async fn take(&self, payment: Payment, means: &Means, deadline: Instant) {
        let (this, back, id) = (self.clone(), means.back.clone(), payment.id);
        let work = async move {
            let charged = this.gateways.charge(&payment, &back);
            let verdict = timeout(PATIENCE, charged).await.map_err(|_| Kit::Busy)??;
            let mut tx = this.db.begin_own().await?;
            settle(&mut tx, &payment, &verdict, (&payment.actor, &this.clock)).await?;
            Ok::<_, Error>(tx.commit().await?)
        };
        let work = tokio::spawn(telemetry::beside(work).in_current_span());
        match timeout_at(deadline, work).await {
            Ok(Ok(Err(error))) => tracing::warn!(error.detail = ?error, payment.id = %id, "a payment is left hanging"),
            Ok(Err(error)) => tracing::error!(error.detail = %error, payment.id = %id, "a payment was broken off"),
            Ok(Ok(Ok(()))) | Err(_) => {}
        }
    }

    /// Asks what became of an attempt whose shopper came back: its event may come later.
    async fn glance(&self, bill: &Bill) {
        let Some(payment) = bill.live() else { return };
        let glance = async {
            let verdict = timeout(PATIENCE, self.gateways.glance(payment)).await.map_err(|_| Kit::Busy)??;
            let Some(verdict) = verdict else { return Ok(()) };
            let mut tx = self.db.begin_own().await?;
            settle(&mut tx, payment, &verdict, (&payment.actor, &self.clock)).await?;
            Ok::<_, Error>(tx.commit().await?)
        };
        if let Err(error) = glance.await {
            tracing::warn!(error.detail = ?error, payment.id = %payment.id, "a payment could not be looked at");
        }
    }
}

/// Refuses while an attempt to pay `order`, which is held, is underway.
pub async fn refuse_underway(tx: &mut kit::Tx, order: &order::Order) -> Result<(), Error> {
    if store::live(&mut **tx, order).await?.is_some() { Err(Error::PaymentUnderway) } else { Ok(()) }
}
