//! The reaper: finishes or undoes every payment that was left hanging by a crash, a time-out or a shopper who went away.
use std::time::Duration;

use kit::{Db, Error as Kit, clock::Clock};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{Gateways, Payment, State, Verdict, settle::settle, store};
use crate::error::Error;

/// How often the reaper looks.
const PAUSE: Duration = Duration::from_secs(1);
/// How long it may take about one: no longer than the lease on it.
const PATIENCE: Duration = Duration::from_secs(11);
/// Who brought an order forward when it was the reaper.
const ACTOR: &str = "system orders";

/// Leaves no payment hanging. May run in many processes.
#[derive(Clone)]
pub struct Reaper {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Who is asked.
    pub gateways: Gateways,
}

impl Reaper {
    /// Works until `stop`.
    pub async fn reap(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            if let Err(error) = self.round().await {
                tracing::warn!(error.detail = ?error, "hanging payments could not be looked at");
            }
        }
    }

    /// Settles the payments whose time is up: a handful at once, so that one that its gateway is slow about holds up no other.
    pub async fn round(&self) -> Result<(), Error> {
        let mut underway = JoinSet::new();
        for payment in store::take_over(self.db.pool(), &self.clock).await? {
            let this = self.clone();
            underway.spawn(async move {
                if let Err(error) = timeout(PATIENCE, this.finish(&payment)).await.unwrap_or(Err(Kit::Busy.into())) {
                    tracing::warn!(error.detail = ?error, payment.id = %payment.id, "a hanging payment waits");
                }
            });
        }
        underway.join_all().await;
        Ok(())
    }

    /// Finishes a payment that was taken, undoes one that was not.
    async fn finish(&self, payment: &Payment) -> Result<(), Error> {
        let verdict = match self.gateways.lookup(payment).await? {
            // The shopper was never told where to go: there is time for that yet.
            Some(Verdict::Redirected) if payment.state == State::Started => Verdict::Redirected,
            Some(verdict) if verdict != Verdict::Redirected => verdict,
            _ => self.gateways.void(payment).await?,
        };
        let mut tx = self.db.begin_own().await?;
        settle(&mut tx, payment, &verdict, (ACTOR, &self.clock)).await?;
        Ok(tx.commit().await?)
    }
}
