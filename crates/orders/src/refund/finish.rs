//! Finishes a refund: the gateway is asked outside of any transaction, and what it says is written in one: refund, ledger,
//! order and event (OR-5). As often as one likes.
use std::time::Duration;

use kit::{Db, Error as Kit, clock::Clock};
use tokio::time::timeout;

use super::{Answer, Refund, settle::settle};
use crate::{error::Error, order::store::hold, payment::Gateways};

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
        self.write(refund, &answer).await
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

    async fn write(&self, refund: &Refund, answer: &Answer) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin_own().await?;
        let mut order = hold(&mut tx, refund.realm, refund.order).await?.ok_or(Error::OrderNotFound)?;
        let refund = super::store::lock(&mut tx, refund).await?.ok_or(Error::OrderNotFound)?;
        if settle(&mut tx, &mut order, (refund, answer), now).await? {
            Ok(tx.commit().await?)
        } else {
            Ok(tx.rollback().await?)
        }
    }
}
