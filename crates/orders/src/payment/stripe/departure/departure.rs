//! Has Stripe forget whom the house forgets (CU-15): customers of Stripe's whose cards were kept are deleted there, with the
//! cards. What is to be deleted is written down in the transaction of the erasure, which waits for nobody.
use std::time::Duration;

use chrono::TimeDelta;
use kit::{Db, Error, clock::Clock, ids::StoreId};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::store::{self, Departure};
use crate::payment::stripe::{Stripe, client::Trouble};

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(2);
/// After how long nobody asks any more: a store that has had no key that works for so long gets none again.
const LAST: TimeDelta = TimeDelta::days(90);

/// Tells Stripe. May run in many processes.
#[derive(Clone)]
pub struct Departures {
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Who is told.
    pub stripe: Stripe,
}

impl Departures {
    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            if let Err(error) = self.round().await {
                tracing::warn!(error.detail = ?error, "Stripe's customers cannot be looked at");
            }
        }
    }

    /// Tells of everybody whose turn it is; answers how many there were. What fails has its turn again, ever later. A handful
    /// at once, so that one whom Stripe is slow about holds up no other.
    pub async fn round(&self) -> Result<usize, Error> {
        let mut underway = JoinSet::new();
        for one in store::take_over(self.db.pool(), &self.clock).await? {
            let this = self.clone();
            underway.spawn(async move {
                if let Err(error) = this.tell(&one).await {
                    tracing::warn!(error.detail = ?error, store.id = %one.store, "a customer of Stripe's is not deleted yet");
                }
            });
        }
        Ok(underway.join_all().await.len())
    }

    async fn tell(&self, one: &Departure) -> Result<(), Error> {
        let told = match self.stripe.delete_customer(one.store, &one.customer).await {
            Err(_) if self.clock.now() - one.created_at > LAST => {
                tracing::error!(store.id = %one.store, "a customer of Stripe's could not be deleted: nobody asks any more");
                Ok(())
            }
            told => told,
        };
        told?;
        store::done(self.db.pool(), one).await
    }
}

impl Stripe {
    /// Deletes one of Stripe's own customers; one that is not there is none any more, since the account stays the same as long
    /// as somebody is to be deleted.
    async fn delete_customer(&self, store: StoreId, customer: &str) -> Result<(), Error> {
        let keys = self.keys_of(store).await?.ok_or(Error::Busy)?;
        match self.client.delete(&keys.secret, &format!("customers/{customer}")).await {
            Err(Trouble::Refused(fault)) if fault.status == 404 => Ok(()),
            told => told.map_err(Trouble::passing),
        }
    }
}
