//! Finishes a refund: the gateway is asked outside of any transaction, and what it says is written in one: refund, ledger,
//! order and event (OR-5). As often as one likes.
use std::time::Duration;

use kit::{Db, Error as Kit, clock::Clock};
use tokio::time::timeout;

use super::{Answer, Refund, State, store};
use crate::{
    error::Error,
    order::{
        Doer, News,
        fulfil::fulfilment,
        store::{hold, lines, record, save},
    },
    payment::{Gateway, Gateways},
    transaction::{
        Type,
        book::{Booking, book},
    },
};

/// How long a gateway may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// Asks gateways and writes down what they say.
#[derive(Clone)]
pub struct Finisher {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Who is asked.
    pub gateways: Gateways,
}

impl Finisher {
    /// Asks the gateway for `refund` and writes its answer. When it takes too long, the reaper goes on with it.
    pub async fn finish(&self, refund: &Refund) -> Result<(), Error> {
        let answer = timeout(PATIENCE, self.gateways.refund(refund)).await.map_err(|_| Kit::Busy)??;
        self.settle(refund, &answer).await
    }

    /// The same, going on when the caller hangs up; whatever goes wrong, the refund is begun and will be finished.
    pub async fn finish_for(&self, refund: &Refund) {
        let (this, begun) = (self.clone(), refund.clone());
        let work = tokio::spawn(async move { this.finish(&begun).await });
        let failed = match work.await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => format!("{error:?}"),
            Err(error) => error.to_string(),
        };
        tracing::warn!(error.detail = %failed, refund.id = %refund.id, "a refund is left hanging");
    }

    async fn settle(&self, refund: &Refund, answer: &Answer) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin_own().await?;
        let mut order = hold(&mut tx, refund.realm, refund.order).await?.ok_or(Error::OrderNotFound)?;
        let mut refund = store::lock(&mut tx, refund).await?.ok_or(Error::OrderNotFound)?;
        let Some(state) = refund.state.after(answer) else { return Ok(tx.rollback().await?) };
        refund.state = state;
        store::decide(&mut tx, &refund, answer, now).await?;
        let doer = Doer { actor: refund.actor.clone(), impersonator: refund.impersonator.clone() };
        if state == State::Failed {
            store::count_units(&mut tx, &order, &refund.lines, false).await?;
        }
        let booking = Booking {
            kind: Type::Refund,
            succeeded: state == State::Succeeded,
            amount: refund.amount,
            gateway: refund.gateway,
            reference: match answer {
                Answer::Returned(reference) => reference.clone(),
                Answer::Refused(_) => String::new(),
            },
            description: match answer {
                Answer::Returned(_) if refund.amount.amount == 0 => "Taken back; it was free".to_owned(),
                Answer::Returned(_) if refund.gateway == Gateway::Manual => "Refund by other means".to_owned(),
                Answer::Returned(_) => "Refund".to_owned(),
                Answer::Refused(refusal) => refusal.message.clone(),
            },
            payment: refund.payment,
            refund: Some(&refund),
        };
        book(&mut tx, &mut order, booking, (&doer, now)).await?;
        // With what was not sent taken back, all of the rest may have left the house.
        let next = fulfilment(&lines(&mut tx, &order).await?);
        if state == State::Succeeded
            && next != order.standing.fulfilment
            && order.hear_quietly(News::Shipped(next), now)
        {
            record(&mut tx, &order, "shipment", (&doer, now)).await?;
            save(&mut tx, &order).await?;
        }
        Ok(tx.commit().await?)
    }
}
